/**
 * Starts an application over a bucket of a store that nobody runs, and tells how that failed.
 */
import 'reflect-metadata';

import { createServer } from 'node:net';

import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SftpModule } from 'nestjs-sftpd';
import { S3Backend } from 'nestjs-sftpd/s3';

/** A port of this machine that was free a moment ago. */
async function closedPort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const backend = new S3Backend({
  bucket: 'uploads',
  endpoint: `http://127.0.0.1:${await closedPort()}`,
  credentials: { accessKeyId: 'nobody', secretAccessKey: 'nothing' },
  maxAttempts: 1,
});

class App {}
Module({
  imports: [
    SftpModule.forRoot({
      host: '127.0.0.1',
      port: 0,
      hostKeys: { directory: './host-keys', create: true },
      auth: { passwords: [{ username: 'dev', password: 'dev' }] },
      backend,
    }),
  ],
})(App);

try {
  const app = await NestFactory.createApplicationContext(App, {
    logger: false,
    abortOnError: false,
  });
  await app.close();
  console.log(JSON.stringify({ name: 'started' }));
} catch ({ name, message }) {
  console.log(JSON.stringify({ name, message }));
}
