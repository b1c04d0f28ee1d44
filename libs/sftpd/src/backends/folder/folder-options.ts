/** Where a {@link FolderBackend} reports what its owner should know. Nest's `Logger` is one. */
export interface FolderLog {
  /** What happens in the ordinary way. */
  log(message: string): void;
  /** What somebody should look at. */
  warn(message: string): void;
}

/** What a `FolderBackend` serves, and how. */
export interface FolderBackendOptions {
  /** The directory to serve; a relative path starts at the working directory of the process. */
  readonly root: string;
  /** Make the root (and its parents) when it is missing. @default false */
  readonly create?: boolean;
  /** Write uploads to a hidden temporary file that takes the name at CLOSE. @default false */
  readonly atomicUploads?: boolean;
  /** Before CLOSE is answered, force an upload (and its directory entry) to the disk. @default false */
  readonly durable?: boolean;
  /**
   * Permission bits of a new file when the client asks for none. As with `open(2)`, the umask of the
   * process is taken off these and off the client's. @default 0o644
   */
  readonly fileMode?: number;
  /** Permission bits of a new directory when the client asks for none, less the umask. @default 0o755 */
  readonly directoryMode?: number;
  /**
   * Let clients make symbolic and hard links. Links that exist are followed inside the root either way.
   * @default true
   */
  readonly symlinks?: boolean;
  /**
   * Whose names a client is told: `process`, only the user and group that this process runs as;
   * `system`, everybody in `/etc/passwd` and `/etc/group`. @default 'process'
   */
  readonly ownerNames?: 'process' | 'system';
  /** Milliseconds after which a temporary file that nobody has open is left over. @default 24 hours */
  readonly staleUploadAge?: number;
  /**
   * `auto`: short calls (look-ups, opening, small reads) are done at once where the root is memory (tmpfs) or on a
   * local device without moving parts, and nothing is mounted below it; everywhere else, and always with
   * `never`, another thread waits for them, so that a slow or hanging storage holds up nobody else.
   * @default 'auto'
   */
  readonly synchronousCalls?: 'auto' | 'never';
  /** @default silence */
  readonly log?: FolderLog;
}

/** {@link FolderBackendOptions} with every default filled in. */
export type FolderSettings = Readonly<Required<FolderBackendOptions>>;

const DAY = 24 * 60 * 60 * 1000;

const SILENCE: FolderLog = {
  log: () => undefined,
  warn: () => undefined,
};

/**
 * Checks options and fills in the defaults.
 *
 * @throws TypeError that names the option and says what to write
 */
export function folderSettings(options: FolderBackendOptions): FolderSettings {
  const given: Readonly<Record<string, unknown>> = isRecord(options) ? { ...options } : {};
  const root = given['root'];
  if (typeof root !== 'string' || root === '' || root.includes('\0')) {
    refuse('root', 'must be the path of the directory to serve, for instance root: "/srv/sftp"');
  }
  const ownerNames = given['ownerNames'] ?? 'process';
  if (ownerNames !== 'process' && ownerNames !== 'system') {
    refuse('ownerNames', 'must be "process" or "system"');
  }
  const staleUploadAge = given['staleUploadAge'] ?? DAY;
  if (typeof staleUploadAge !== 'number' || !(staleUploadAge >= 0)) {
    refuse('staleUploadAge', 'must be a number of milliseconds, 0 or more');
  }
  const synchronousCalls = given['synchronousCalls'] ?? 'auto';
  if (synchronousCalls !== 'auto' && synchronousCalls !== 'never') {
    refuse('synchronousCalls', 'must be "auto" or "never"');
  }
  const log = given['log'] ?? SILENCE;
  if (!isLog(log)) refuse('log', 'must have the methods log and warn, as a Nest Logger does');
  return {
    root,
    ownerNames,
    staleUploadAge,
    synchronousCalls,
    log,
    create: flag(given, 'create', false),
    atomicUploads: flag(given, 'atomicUploads', false),
    durable: flag(given, 'durable', false),
    symlinks: flag(given, 'symlinks', true),
    fileMode: mode(given, 'fileMode', 0o644),
    directoryMode: mode(given, 'directoryMode', 0o755),
  };
}

function flag(given: Readonly<Record<string, unknown>>, name: string, byDefault: boolean): boolean {
  const value = given[name] ?? byDefault;
  if (typeof value !== 'boolean') refuse(name, 'must be true or false');
  return value;
}

function mode(given: Readonly<Record<string, unknown>>, name: string, byDefault: number): number {
  const value = given[name] ?? byDefault;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 0o777) {
    refuse(name, 'must be permission bits from 0 to 0o777, written in octal, for instance 0o640');
  }
  return value;
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isLog(value: unknown): value is FolderLog {
  return (
    isRecord(value) &&
    'log' in value &&
    typeof value.log === 'function' &&
    'warn' in value &&
    typeof value.warn === 'function'
  );
}

function refuse(option: string, fix: string): never {
  throw new TypeError(`FolderBackend: the option ${option} ${fix}`);
}
