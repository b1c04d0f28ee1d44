import { Inject } from '@nestjs/common';

import { getSftpBackendToken } from './backend-tokens.js';
import { SFTP_BACKEND } from './tokens.js';

/**
 * Injects a backend, in any module of the application: the very instance that the server uses.
 *
 * @param name the name of the backend; left out, the backend at `/`
 *
 * @example
 * constructor(@InjectSftpBackend('archive') private readonly archive: SftpBackend) {}
 *
 * @publicApi
 */
export function InjectSftpBackend(name?: string): PropertyDecorator & ParameterDecorator {
  return Inject(name === undefined ? SFTP_BACKEND : getSftpBackendToken(name));
}
