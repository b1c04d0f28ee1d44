import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SftpServer } from 'nestjs-sftpd';
import { AppModule } from './app.module.js';
import type { DocumentsConfig } from './config/environment.js';

/**
 * Starts both servers and announces their addresses. SIGTERM and SIGINT let running transfers finish.
 *
 * @returns the running application
 */
export async function runDocuments(config: DocumentsConfig): Promise<INestApplication> {
  const app = await NestFactory.create(AppModule.forConfig(config), {
    abortOnError: false,
    // A document is stored while it comes: nothing is to gather the body, or to read it as JSON, before.
    bodyParser: false,
  });
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  await app.listen(config.http.port, config.http.host);
  const sftp = app.get(SftpServer).address();
  const http = (app.getHttpServer() as { address(): AddressInfo | null }).address();
  for (const [name, address] of [
    ['SFTP', sftp],
    ['HTTP', http],
  ] as const) {
    if (address) process.stdout.write(`${name} server listening on ${hostAndPort(address)}\n`);
  }
  return app;
}

function hostAndPort({ address, port }: AddressInfo): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}
