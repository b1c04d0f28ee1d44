/** The checked options of a server. */
export const SFTP_MODULE_OPTIONS = Symbol('SFTP_MODULE_OPTIONS');

/**
 * The backend that a server stores in: the one of the option `backend`, else the one that stands at `/`.
 * `@InjectSftpBackend()` injects it.
 */
export const SFTP_BACKEND = Symbol('SFTP_BACKEND');

/** The authenticator that a server asks. */
export const SFTP_AUTHENTICATOR = Symbol('SFTP_AUTHENTICATOR');

/** The name of a server, where its module was given one; else `undefined`. */
export const SFTP_SERVER_NAME = Symbol('SFTP_SERVER_NAME');

/** What follows the links of an application to the backends that they stand for. */
export const BACKEND_LINKS = Symbol('BACKEND_LINKS');

/** What chooses the backend of a session, where the options provide it. */
export const BACKEND_RESOLVER = Symbol('BACKEND_RESOLVER');

/** What the options of a server say of backends, resolved. */
export const DECLARED_BACKENDS = Symbol('DECLARED_BACKENDS');

/** The backends of options that a factory has made. */
export const MADE_BACKENDS = Symbol('MADE_BACKENDS');

/**
 * The token of a named server, where an application has several: `@Inject(getSftpServerToken('partners'))`.
 *
 * @param name the option `name` of the server's module
 */
export function getSftpServerToken(name: string): string {
  return `SftpServer:${name}`;
}
