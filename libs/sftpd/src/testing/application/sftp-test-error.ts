/** The statuses of SFTP version 3 (draft-ietf-secsh-filexfer-02, section 7), by their codes. */
const STATUSES = [
  'OK',
  'EOF',
  'NO_SUCH_FILE',
  'PERMISSION_DENIED',
  'FAILURE',
  'BAD_MESSAGE',
  'NO_CONNECTION',
  'CONNECTION_LOST',
  'OP_UNSUPPORTED',
] as const;

/** The name of an SFTP status, without its `SSH_FX_`. */
export type SftpStatusName = (typeof STATUSES)[number];

/** The server has answered with a status other than OK, or has not answered any more (`CONNECTION_LOST`). */
export class SftpTestError extends Error {
  override readonly name = 'SftpTestError';
  /** With what the server has answered. */
  readonly status: SftpStatusName;
  /** What the server said. */
  readonly reason: string;

  /** @param what the client's call, such as `stat /reports` */
  constructor(what: string, cause: Error) {
    const status = statusOf(cause);
    super(`${what}: ${status}: ${cause.message}`, { cause });
    this.status = status;
    this.reason = cause.message;
  }
}

/** ssh2 gives no code to the requests that a lost connection has left without an answer. */
function statusOf(error: Error): SftpStatusName {
  const { code } = error as { code?: unknown };
  return (typeof code === 'number' ? STATUSES[code] : undefined) ?? 'CONNECTION_LOST';
}
