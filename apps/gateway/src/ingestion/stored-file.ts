import { Inject, Injectable } from '@nestjs/common';
import {
  isWithin,
  normalizePath,
  rebasePath,
  ROOT_PATH,
  SftpServer,
  type SftpPath,
  type SftpSession,
  toSftpError,
} from 'nestjs-sftpd';
import type { IngestionTiming } from './ingestion-config.js';
import { within } from '../time-limit.js';
import { TIMING } from './tokens.js';
import type { UploadIntent } from './upload-intent.js';

/** Whether the storage has an upload whose end nobody has seen: `other` is a file of another size, or no file. */
export type StoredFile = 'there' | 'missing' | 'other';

/** Looks into the storage for uploads of processes that are gone. */
@Injectable()
export class StoredFiles {
  constructor(
    private readonly server: SftpServer,
    @Inject(TIMING) private readonly timing: IngestionTiming,
  ) {}

  /**
   * Looks for the file of an upload. Its time tells nothing: clients set it as they like, and a folder without atomic
   * uploads is written before the upload is noted down.
   *
   * @throws Error when the storage does not tell
   */
  async look(intent: UploadIntent): Promise<StoredFile> {
    const path = normalizePath(intent.path);
    const [mount, backend] = this.#mountOf(path);
    const asked = (async () =>
      backend.fileInfo(rebasePath(path, mount, ROOT_PATH), sessionOf(intent)))();
    try {
      const { type, size } = await within(asked, 6 * this.timing.redis, 'The storage');
      return type === 'regular' && size === intent.size ? 'there' : 'other';
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(toSftpError(error).code)) return 'missing';
      throw error;
    }
  }

  #mountOf(path: SftpPath) {
    const [deepest] = [...this.server.backends.mounts()]
      .filter(([mount]) => isWithin(path, mount))
      .sort(([one], [other]) => other.length - one.length);
    if (deepest === undefined) throw new Error('No backend is mounted there');
    return deepest;
  }
}

/** As much of the session as the storage goes by. */
function sessionOf({ id, user, attributes }: UploadIntent): SftpSession {
  return {
    id: `replay-${id}`,
    username: user,
    peer: { address: '127.0.0.1', port: 0, ident: 'replay' },
    attributes,
  };
}
