import type { Level } from './level-backends.js';
import type { HostIdentity } from './test-keys.js';
import type { StorageProbe } from './storage-probe.js';

/** A running SFTP server, with all that a client needs to log in to it. */
export interface SftpTarget extends HostIdentity {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  /** Left out where the server takes keys alone. */
  readonly password?: string;
  /** Path of the private key that may log in. */
  readonly keyFile: string;
  /** A directory that clients get as their home. */
  readonly home: string;
  /** The stored files, seen without a client. */
  readonly storage: StorageProbe;
  stop(): Promise<void>;
}

/**
 * A server that suites run against. `openssh` is OpenSSH's own: not a subject of the tests but the proof that
 * an expectation is one that a real server meets.
 */
export interface TestedServer {
  readonly name: 'memory' | 'folder' | 's3' | 'openssh' | Level;
  /** Starts it with empty storage. */
  start(): Promise<SftpTarget>;
}

// Loaded when it starts: a run against OpenSSH alone loads nothing of ours, and the other way round.
const SERVERS: Readonly<Record<string, TestedServer>> = {
  memory: {
    name: 'memory',
    start: async () => (await import('./test-server.js')).startMemoryServer(),
  },
  folder: {
    name: 'folder',
    start: async () => (await import('./test-server.js')).startFolderServer(),
  },
  s3: {
    name: 's3',
    start: async () => (await import('./s3-server.js')).startS3StoreAndServer(),
  },
  openssh: {
    name: 'openssh',
    start: async () => (await import('./openssh-server.js')).startOpenSshServer(),
  },
};

/** Memory and folder, or those that the variable `SFTP_TEST_TARGETS` lists. */
export function defaultServers(): TestedServer[] {
  const wanted = process.env['SFTP_TEST_TARGETS'] ?? 'memory,folder';
  return wanted.split(',').map((name) => {
    const server = SERVERS[name];
    if (server === undefined) throw new Error(`SFTP_TEST_TARGETS: '${name}' is no server`);
    return server;
  });
}

/** A memory backend that can hold no more than `maxBytes`. */
export function smallMemoryServer(maxBytes: number): TestedServer {
  return {
    name: 'memory',
    start: async () => (await import('./test-server.js')).startMemoryServer({ maxBytes }),
  };
}

/**
 * A memory storage behind a backend of exactly one level.
 *
 * @param settings whether its attributes can be set, which is the default
 */
export function levelServer(
  level: Level,
  settings: { readonly attributes?: boolean } = {},
): TestedServer {
  return {
    name: level,
    start: async () => (await import('./test-server.js')).startLevelServer(level, settings),
  };
}
