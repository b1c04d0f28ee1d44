import { Logger } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { normalizePath, type SftpBackend, type SftpSession } from 'nestjs-sftpd';
import { ConfigModule } from '../../../apps/documents/src/config/config.module.js';
import {
  type DocumentsConfig,
  readEnvironment,
} from '../../../apps/documents/src/config/environment.js';
import { DocumentsBackend } from '../../../apps/documents/src/documents/documents.backend.js';
import { DocumentsModule } from '../../../apps/documents/src/documents/documents.module.js';
import { Postgres } from '../../../apps/documents/src/database/postgres.js';
import { type PosixErrorCode, toSftpError } from 'nestjs-sftpd';

/** Whoever calls in the tests. */
export const SESSION: SftpSession = {
  id: 'tests',
  username: 'tests',
  peer: { address: '127.0.0.1', port: 0, ident: 'tests' },
  attributes: {},
};

/** Removes all that a test has stored. */
const EMPTY = `
  SELECT lo_unlink(oid) FROM documents WHERE oid IS NOT NULL;
  DELETE FROM documents WHERE id <> 0;
  UPDATE documents SET mode = 493, mtime = clock_timestamp()`;

/** The application's backend alone, with its life cycle, without a server. */
export class Documents {
  private constructor(
    readonly module: TestingModule,
    readonly backend: DocumentsBackend,
    readonly postgres: Postgres,
  ) {}

  static async start(url: string, env: Record<string, string> = {}): Promise<Documents> {
    Logger.overrideLogger(false);
    const config: DocumentsConfig = readEnvironment({ DATABASE_URL: url, ...env });
    const module = await Test.createTestingModule({
      imports: [ConfigModule.forConfig(config), DocumentsModule],
    }).compile();
    await module.init();
    return new Documents(module, module.get(DocumentsBackend), module.get(Postgres));
  }

  async clear(): Promise<void> {
    await this.postgres.query(EMPTY);
  }

  /** Large objects that are stored, under a name or not. */
  async largeObjects(): Promise<number> {
    const [row] = await this.postgres.query<{ count: string }>(
      'SELECT count(*) AS count FROM pg_largeobject_metadata',
    );
    return Number(row?.count);
  }

  async put(path: string, content: Uint8Array | string, exclusive = false): Promise<void> {
    const writer = await this.backend.beginWrite(normalizePath(path), { exclusive });
    try {
      await writer.write(0, Buffer.from(content));
    } catch (error) {
      await writer.abort();
      throw error;
    }
    await writer.finish();
  }

  async get(path: string): Promise<Buffer> {
    const canonical = normalizePath(path);
    const { size } = await this.backend.fileInfo(canonical);
    return Buffer.from(await this.backend.readFileRange(canonical, 0, size + 1));
  }

  async names(path: string): Promise<string[]> {
    const backend: SftpBackend = this.backend;
    const found: string[] = [];
    for await (const { name } of await backend.listDir(normalizePath(path), SESSION)) {
      found.push(name);
    }
    return found;
  }

  close(): Promise<void> {
    return this.module.close();
  }
}

/** The POSIX code that a call fails with, or `ok`. */
export async function codeOf(call: Promise<unknown>): Promise<PosixErrorCode | 'ok'> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    return toSftpError(error).code;
  }
}
