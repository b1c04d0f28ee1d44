import type { AttributeChanges } from '../../filesystem/file-info.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import { MAX_FILE_SIZE } from './chunked-content.js';
import { type MemoryNode, touch } from './node.js';

/**
 * Sets attributes of an inode, all that are asked for or none.
 *
 * @throws SftpError `EISDIR` for the size of a directory, `EFBIG`, `EINVAL`
 */
export function applyChanges(node: MemoryNode, changes: AttributeChanges): void {
  checkTimes(changes);
  // Before the times: a change of the size is a change of the content and makes the time now.
  if (changes.size !== undefined) setSize(node, changes.size);
  applyMetadata(node, changes);
}

/**
 * Sets all attributes but the size.
 *
 * @throws SftpError `EINVAL` for a time that is none
 */
export function applyMetadata(node: MemoryNode, changes: AttributeChanges): void {
  checkTimes(changes);
  const { mode, uid, gid, accessedAt, modifiedAt } = changes;
  if (mode !== undefined) node.mode = mode & 0o7777;
  if (uid !== undefined) node.uid = uid;
  if (gid !== undefined) node.gid = gid;
  if (accessedAt !== undefined) node.accessedAt = accessedAt.getTime();
  if (modifiedAt !== undefined) node.modifiedAt = modifiedAt.getTime();
}

function checkTimes({ accessedAt, modifiedAt }: AttributeChanges): void {
  for (const time of [accessedAt, modifiedAt]) {
    if (time !== undefined && Number.isNaN(time.getTime())) throw new SftpError('EINVAL');
  }
}

function setSize(node: MemoryNode, size: number): void {
  if (node.type === 'directory') throw new SftpError('EISDIR');
  if (node.type === 'symlink' || !Number.isInteger(size) || size < 0) {
    throw new SftpError('EINVAL');
  }
  if (size > MAX_FILE_SIZE) throw new SftpError('EFBIG');
  node.content.resize(size);
  touch(node);
}
