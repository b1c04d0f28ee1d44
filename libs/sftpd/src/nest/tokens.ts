/** The checked options of a server. */
export const SFTP_MODULE_OPTIONS = Symbol('SFTP_MODULE_OPTIONS');

/** The backend that a server stores in. */
export const SFTP_BACKEND = Symbol('SFTP_BACKEND');

/** The authenticator that a server asks. */
export const SFTP_AUTHENTICATOR = Symbol('SFTP_AUTHENTICATOR');

/**
 * The token of a named server, where an application has several: `@Inject(getSftpServerToken('partners'))`.
 *
 * @param name the option `name` of the server's module
 */
export function getSftpServerToken(name: string): string {
  return `SftpServer:${name}`;
}
