import type { OpenFile, OpenFlags } from '../../filesystem/open-file.js';
import type { SftpPath } from '../../filesystem/path.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import type { Attributes } from '../../protocol/attributes.js';
import { OpenFlag, StatusCode } from '../../protocol/constants.js';
import { DATA_HEADER_BYTES, finishDataReply } from '../../protocol/data-reply.js';
import { attributesReply, statusReply } from '../../protocol/replies.js';
import type { ChannelContext } from '../channel-context.js';
import { clientPath } from '../client-path.js';
import { FileHandle } from '../file-handle.js';
import { then, withTimeLimit } from '../time-limit.js';
import {
  creationMode,
  creationTimes,
  toAttributeChanges,
  toWireAttributes,
} from '../wire-attributes.js';
import { giveHandle } from './give-handle.js';
import { callBackend, changes, type Handler } from './prepared.js';

/** OPEN (draft-ietf-secsh-filexfer-02, section 6.3). */
export const open: Handler<'open'> = (context, id, body) => {
  const path = clientPath(body.path, context.limits);
  const flags = openFlags(body.flags, body.attributes, context.umask);
  context.handles.reserve();
  return {
    claims: changes(path),
    run: () => tracked(context, giveHandle(context, id, openFile(context, path, flags))),
  };
};

/** CLOSE (section 6.3): the end of an upload is its commit. */
export const close: Handler<'close'> = (context, id, body) => {
  const handle = context.handles.beginClose(body.handle);
  return {
    claims: handle.kind === 'file' ? changes(handle.path) : handle.claims,
    async run() {
      try {
        if (handle.kind === 'file') await tracked(context, handle.commit());
        else await handle.close();
        return statusReply(id, StatusCode.OK);
      } finally {
        context.handles.remove(body.handle);
      }
    },
  };
};

/** READ (section 6.4). */
export const read: Handler<'read'> = (context, id, body) => {
  const handle = context.handles.getFile(body.handle);
  const length = Math.min(body.length, context.maxDataBytes);
  return {
    claims: handle.claims.read,
    run() {
      const buffer = context.buffers.take(DATA_HEADER_BYTES + length);
      return then(handle.read(buffer.subarray(DATA_HEADER_BYTES), body.offset), (count) => {
        if (count > length / 2) return finishDataReply(buffer, id, count);
        // A short read must not hold the room that was asked for until it has been sent.
        const reply =
          count === 0 && length > 0
            ? statusReply(id, StatusCode.EOF)
            : Buffer.from(finishDataReply(buffer, id, count));
        context.buffers.give(buffer);
        return reply;
      });
    },
  };
};

/** WRITE (section 6.4). */
export const write: Handler<'write'> = (context, id, body) => {
  const handle = context.handles.getFile(body.handle);
  return {
    claims: handle.claims.change,
    run: () => then(handle.write(body.data, body.offset), () => statusReply(id, StatusCode.OK)),
  };
};

/** FSTAT (section 6.8). */
export const fstat: Handler<'fstat'> = (context, id, body) => {
  const handle = context.handles.get(body.handle);
  if (handle.kind === 'file') {
    return {
      claims: handle.claims.read,
      run: () => then(handle.stat(), (info) => attributesReply(id, toWireAttributes(info))),
    };
  }
  return {
    claims: handle.claims,
    async run() {
      const info = await callBackend(context, 'fileInfo', () =>
        context.backend.fileInfo(handle.path, context.session),
      );
      return attributesReply(id, toWireAttributes(info));
    },
  };
};

/** FSETSTAT (section 6.9). */
export const fsetstat: Handler<'fsetstat'> = (context, id, body) => {
  const handle = context.handles.getFile(body.handle);
  const wanted = toAttributeChanges(body.attributes);
  return {
    claims: handle.claims.change,
    run: () =>
      then(handle.setAttributes(wanted, context.backend, context.session), () =>
        statusReply(id, StatusCode.OK),
      ),
  };
};

/** `fsync@openssh.com` (OpenSSH PROTOCOL, section 4.6). */
export const fsync: Handler<'fsync@openssh.com'> = (context, id, body) => {
  const handle = context.handles.getFile(body.handle);
  return {
    claims: handle.claims.change,
    run: () => then(handle.sync(), () => statusReply(id, StatusCode.OK)),
  };
};

/** Work that the channel waits for at its end. */
async function tracked<T>(context: ChannelContext, work: Promise<T>): Promise<T> {
  context.endings.add(work);
  try {
    return await work;
  } finally {
    context.endings.delete(work);
  }
}

/**
 * The POSIX meaning of OPEN's flags. A file that is to be emptied has to be open for writing: POSIX leaves
 * the other case undefined, and nobody's file is emptied by a guess.
 */
function openFlags(bits: number, attributes: Attributes, umask: number): OpenFlags {
  const has = (flag: number): boolean => (bits & flag) !== 0;
  const write = has(OpenFlag.WRITE);
  if (has(OpenFlag.TRUNC) && !write) {
    throw new SftpError('EINVAL', 'TRUNC needs WRITE');
  }
  return {
    // As with POSIX and OpenSSH, a file that is opened for neither is open for reading.
    read: has(OpenFlag.READ) || !write,
    write,
    append: has(OpenFlag.APPEND),
    create: has(OpenFlag.CREAT),
    truncate: has(OpenFlag.TRUNC),
    exclusive: has(OpenFlag.CREAT) && has(OpenFlag.EXCL),
    ...creationMode(attributes, umask),
    ...creationTimes(attributes),
  };
}

async function openFile(
  context: ChannelContext,
  path: SftpPath,
  flags: OpenFlags,
): Promise<FileHandle> {
  const used = await context.hooks.opening(path, flags);
  const file = await withTimeLimit(
    context.backend.openFile(path, used, context.session),
    context.timeouts.open,
    'open',
    (late) => void abortLate(context, late),
  );
  const opened = assertOpenFile(file);
  return new FileHandle(opened, flags, context.hooks.opened(path, flags), context.timeouts);
}

function assertOpenFile(file: OpenFile): OpenFile {
  for (const method of ['read', 'write', 'stat', 'close', 'abort'] as const) {
    if (typeof file[method] !== 'function') {
      throw new TypeError(`The backend's openFile returned an object without ${method}()`);
    }
  }
  return file;
}

async function abortLate(context: ChannelContext, file: OpenFile): Promise<void> {
  try {
    await file.abort();
  } catch (error) {
    context.log.warn(`A file that was opened too late could not be let go: ${String(error)}`);
  }
}
