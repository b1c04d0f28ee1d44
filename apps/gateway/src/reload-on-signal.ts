import type { INestApplicationContext } from '@nestjs/common';
import { SftpServer } from 'nestjs-sftpd';

/**
 * Has the host keys read again on SIGHUP. The server tells in a line of the log which keys it has now, or why it
 * keeps the old ones; the gateway goes on either way.
 *
 * @param starting the application; a signal that comes before it has started waits for it
 */
export function reloadHostKeysOnSignal(starting: Promise<INestApplicationContext>): void {
  process.on('SIGHUP', () => {
    // What fails has been logged: the start by the gateway, the reload by the server.
    starting.then((app) => app.get(SftpServer).reloadHostKeys()).catch(() => undefined);
  });
}
