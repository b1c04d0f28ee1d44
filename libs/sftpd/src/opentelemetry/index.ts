export type { SftpTelemetryOptions } from './sftp-telemetry.js';
export { SftpTelemetryModule } from './sftp-telemetry.module.js';
