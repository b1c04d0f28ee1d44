import { randomBytes } from 'node:crypto';

import { messageWithCauses } from '../events/message-with-causes.js';
import type { OpenFile } from '../filesystem/open-file.js';
import { childPath, ROOT_PATH, type SftpPath } from '../filesystem/path.js';
import type { SftpSession } from '../filesystem/session.js';
import { toSftpError } from '../filesystem/sftp-error.js';
import { withTimeLimit } from '../session/time-limit.js';
import type { StartableBackend } from './make-backend.js';
import type { ServeSettings } from './settings.js';
import { describeStorage } from './storage.js';

/** One thing that is looked at. */
export interface Check {
  readonly name: string;
  /** Whether it makes sense, after those before it. @default it does */
  readonly needs?: () => boolean;
  /** @returns what was found; throws what is wrong and the fix */
  readonly run: () => Promise<string>;
}

/** What a server gives its backends for each call, too. */
const TIME_LIMIT = 30_000;

const DENIED: readonly string[] = ['EACCES', 'EPERM', 'EROFS'];

const CONTENT = Buffer.from('Written by nestjs-sftpd check; it can be removed.\n');

/** Opens the storage, lists its root, and unless nobody may change anything writes, reads and removes a file. */
export function storageChecks(
  backend: StartableBackend,
  { storage, readOnly, user }: Pick<ServeSettings, 'storage' | 'readOnly' | 'user'>,
): Check[] {
  const where = describeStorage(storage);
  const session = sessionOf(user);
  let opened = false;
  const needs = (): boolean => opened;
  return [
    {
      name: 'storage',
      run: async () => {
        await backend.onModuleInit?.();
        opened = true;
        return where;
      },
    },
    { name: 'list', needs, run: () => told(where, 'listed', list(backend, session)) },
    ...(readOnly
      ? []
      : [
          { name: 'write', needs, run: () => told(where, 'written to', tryFile(backend, session)) },
        ]),
  ];
}

/** A session of nobody who is connected. */
function sessionOf(username: string): SftpSession {
  return {
    id: 'check',
    username,
    peer: { address: '127.0.0.1', port: 0, ident: 'nestjs-sftpd_check' },
    attributes: {},
  };
}

async function told(where: string, what: string, outcome: Promise<string>): Promise<string> {
  try {
    return await withTimeLimit(outcome, TIME_LIMIT, what);
  } catch (error) {
    const { code, message } = toSftpError(error);
    const reason = code === 'EIO' ? messageWithCauses(error) : message;
    const fix = DENIED.includes(code) ? 'allow it to the user of this process' : 'mend that';
    const orElse = what === 'written to' ? ', or give --read-only' : '';
    throw new Error(`${where} cannot be ${what} (${reason}): ${fix}${orElse}`, { cause: error });
  }
}

async function list(backend: StartableBackend, session: SftpSession): Promise<string> {
  for await (const _entry of await backend.listDir(ROOT_PATH, session)) break;
  return 'the root can be listed';
}

async function tryFile(backend: StartableBackend, session: SftpSession): Promise<string> {
  const name = `nestjs-sftpd-check-${randomBytes(8).toString('hex')}.tmp`;
  const file = childPath(ROOT_PATH, name);
  const closed = { read: false, write: false, append: false, create: false, truncate: false };
  const flags = { ...closed, write: true, create: true, exclusive: true };
  try {
    await write(await backend.openFile(file, flags, session));
    const content = await contentOf(backend, file, session);
    if (!content.equals(CONTENT)) throw new Error(`${name} did not come back as it was written`);
  } catch (error) {
    // What has failed is what counts, and there may be nothing to remove.
    await removed(backend, file, session).catch(() => undefined);
    throw error;
  }
  await removed(backend, file, session);
  return `${name} was written, read back and removed`;
}

async function write(opened: OpenFile): Promise<void> {
  try {
    await opened.write(CONTENT, 0);
  } catch (error) {
    await opened.abort();
    throw error;
  }
  await opened.close();
}

async function removed(
  backend: StartableBackend,
  file: SftpPath,
  session: SftpSession,
): Promise<void> {
  await backend.delete(file, session);
}

async function contentOf(
  backend: StartableBackend,
  file: SftpPath,
  session: SftpSession,
): Promise<Buffer> {
  const flags = { write: false, append: false, create: false, truncate: false, exclusive: false };
  const opened = await backend.openFile(file, { ...flags, read: true }, session);
  try {
    const target = Buffer.alloc(CONTENT.length + 1);
    const length = await opened.read(target, 0);
    return target.subarray(0, length);
  } finally {
    await opened.close();
  }
}
