import type { SessionAttributes, SftpSession } from '../../filesystem/session.js';
import { type Capability, isCapability } from '../../filesystem/backend-methods.js';
import { DEFAULT_PATTERN } from '../wire/operations.js';

/** Settings of a `SftpBackendClient`. */
export interface SftpBackendClientOptions {
  /** What the patterns of the other side begin with: its option `pattern`. @default 'sftp-backend' */
  readonly pattern?: string;
  /**
   * Milliseconds that one message may take until it has been answered; then it is `EIO`. Keep it below the server's
   * own limits (`requestTimeout`, `openTimeout`, `closeTimeout`), so that a call has ended when they give it up.
   * @default 25000
   */
  readonly timeout?: number;
  /**
   * Bytes of a file that one message carries; longer reads and writes take several. The other side's limit holds
   * where it is lower.
   * @default 262144 (256 KiB)
   */
  readonly maxChunkBytes?: number;
  /**
   * What the remote backend can do, so that it need not be asked: the application then starts also while the other
   * side is down. A method that is named here and missing there is answered `ENOTSUP`.
   * @default what the other side says at the start, which must then be up
   */
  readonly capabilities?: readonly Capability[];
  /**
   * What of a session's attributes goes to the other side. They travel with every message, so they should be few,
   * and JSON must carry them unchanged: no functions, dates, maps or instances of classes.
   * @default all of them
   */
  readonly attributes?: (session: SftpSession) => SessionAttributes;
}

/** Options that have been checked, with every default filled in. */
export interface CheckedClientOptions {
  readonly pattern: string;
  readonly timeout: number;
  readonly maxChunkBytes: number;
  readonly capabilities: readonly Capability[] | undefined;
  readonly attributes: (session: SftpSession) => SessionAttributes;
}

const MAX_TIMEOUT = 2 ** 31 - 1;
const MAX_CHUNK_BYTES = 16 * 1024 * 1024;

/** @throws TypeError naming the option that is wrong */
export function checkedClientOptions(options: SftpBackendClientOptions): CheckedClientOptions {
  const {
    pattern = DEFAULT_PATTERN,
    timeout = 25_000,
    maxChunkBytes = 256 * 1024,
    capabilities,
    attributes = (session: SftpSession) => session.attributes,
  } = options;
  if (typeof pattern !== 'string' || pattern === '') throw wrong('pattern', 'a text');
  assertWhole('timeout', timeout, MAX_TIMEOUT);
  assertWhole('maxChunkBytes', maxChunkBytes, MAX_CHUNK_BYTES);
  const names: readonly string[] | undefined = capabilities;
  const unknown = names?.find((name) => !isCapability(name));
  if (unknown !== undefined) throw wrong('capabilities', `known names, which ${unknown} is not`);
  return { pattern, timeout, maxChunkBytes, capabilities, attributes };
}

function assertWhole(name: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw wrong(name, `a whole number from 1 to ${max}`);
  }
}

function wrong(name: string, what: string): TypeError {
  return new TypeError(`SftpBackendClient: ${name} must be ${what}`);
}
