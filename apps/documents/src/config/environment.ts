import type { PasswordUser } from 'nestjs-sftpd';

/** Environment variables as Node gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What the environment asks for: every value checked, every default filled in. */
export interface DocumentsConfig {
  readonly databaseUrl: string;
  /** Connections to the database at a time. */
  readonly poolSize: number;
  /** Uploads at a time, by SFTP and HTTP together: each holds a connection of the pool. */
  readonly maxUploads: number;
  /** Milliseconds that an upload above that waits for another one to end, before it is refused. */
  readonly uploadWait: number;
  readonly http: Address;
  readonly sftp: Address;
  readonly hostKeyDirectory: string;
  /** Who may come in, by either door. */
  readonly users: readonly PasswordUser[];
  /** Milliseconds that running transfers get when the application ends. */
  readonly drainTimeout: number;
}

/** The configuration cannot be used: every problem found, one clear line each. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

const PORT = { least: 0, most: 65_535 };

/**
 * Reads the configuration; an empty variable is the same as none.
 *
 * @throws ConfigurationError with every problem that was found
 */
export function readEnvironment(env: Environment): DocumentsConfig {
  const reader = new EnvironmentReader(env);
  const config: DocumentsConfig = {
    databaseUrl: reader.databaseUrl('DATABASE_URL'),
    poolSize: reader.integer('DATABASE_POOL_SIZE', 12, { least: 2, most: 1000 }),
    maxUploads: reader.integer('MAX_UPLOADS', 8, { least: 1, most: 999 }),
    // Less than the 30 s that the SFTP server gives an OPEN, which would tell the client less.
    uploadWait: reader.integer('UPLOAD_WAIT_SECONDS', 10, { least: 0, most: 25 }) * 1000,
    http: {
      host: reader.text('HTTP_HOST', '127.0.0.1'),
      port: reader.integer('HTTP_PORT', 3000, PORT),
    },
    sftp: {
      host: reader.text('SFTP_HOST', '127.0.0.1'),
      port: reader.integer('SFTP_PORT', 2222, PORT),
    },
    hostKeyDirectory: reader.text('SFTP_HOST_KEY_DIR', './.sftpd/host-keys'),
    users: [
      { username: reader.text('SFTP_USER', 'dev'), password: reader.text('SFTP_PASSWORD', 'dev') },
    ],
    drainTimeout: reader.integer('DRAIN_SECONDS', 10, { least: 0, most: 3600 }) * 1000,
  };
  for (const [door, { host }] of [
    ['SFTP_HOST', config.sftp],
    ['HTTP_HOST', config.http],
  ] as const) {
    if (isLoopback(host) || reader.text('SFTP_PASSWORD', '') !== '') continue;
    reader.problems.push(`SFTP_PASSWORD must be set, as ${door} lets others than this machine in`);
  }
  if (config.maxUploads >= config.poolSize) {
    reader.problems.push(
      'DATABASE_POOL_SIZE must be greater than MAX_UPLOADS: every upload holds a connection, and all else needs one too',
    );
  }
  if (reader.problems.length > 0) throw new ConfigurationError(reader.problems);
  return config;
}

function isLoopback(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host);
}

class EnvironmentReader {
  readonly problems: string[] = [];
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  text(name: string, fallback: string): string {
    const value = this.#env[name];
    return value === undefined || value === '' ? fallback : value;
  }

  integer(name: string, fallback: number, bounds: { least: number; most: number }): number {
    const text = this.text(name, String(fallback));
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= bounds.least && value <= bounds.most) return value;
    this.problems.push(
      `${name} must be a whole number from ${bounds.least} to ${bounds.most}, not ${JSON.stringify(text)}`,
    );
    return fallback;
  }

  /** The URL holds a password, so no problem line shows it. */
  databaseUrl(name: string): string {
    const text = this.text(name, '');
    if (!/^postgres(ql)?:\/\//.test(text)) {
      this.problems.push(`${name} must be set, to postgresql://USER:PASSWORD@HOST:PORT/DATABASE`);
    }
    return text;
  }
}
