import { SftpError } from '../sftp-error.js';

/**
 * Refuses a file that is longer than a bound.
 *
 * @throws SftpError `EFBIG`
 */
export function assertFits(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  throw new SftpError('EFBIG', `Files of more than ${maxBytes} bytes cannot be transferred here`);
}
