export { type SftpHealth, SftpHealthIndicator, type SftpHealthOptions } from './sftp.health.js';
