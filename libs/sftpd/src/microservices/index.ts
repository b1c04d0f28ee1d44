export { SftpBackendClient } from './client/sftp-backend-client.js';
export type { SftpBackendClientOptions } from './client/sftp-backend-client-options.js';
export { SftpBackendController } from './server/sftp-backend-controller.js';
export type { SftpBackendControllerOptions } from './server/sftp-backend-controller-options.js';
export { CAPABILITIES, type Capability } from '../filesystem/backend-methods.js';
