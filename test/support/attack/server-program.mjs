// The server that is attacked, as a process of its own. It is plain JavaScript over the built package, so that
// nothing of the test runner counts in its memory. Its configuration is JSON in the variable ATTACKED.
import 'reflect-metadata';
import { ConsoleLogger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SftpModule, SftpServer } from 'nestjs-sftpd';
import { FolderBackend } from 'nestjs-sftpd/folder';
import { MemoryBackend } from 'nestjs-sftpd/memory';

const { options, users, root, interactive } = JSON.parse(process.env.ATTACKED ?? '{}');

/** Asks for a code: what a server with a second factor offers. */
const askingForCodes = {
  authenticatePassword: (username, password) => username === 'dev' && password === 'dev',
  keyboardInteractive: async (_username, dialogue) => {
    const [code] = await dialogue.ask({ prompts: [{ prompt: 'Code: ' }] });
    return code === '123456';
  },
};

const logger = new ConsoleLogger({
  colors: false,
  logLevels: ['fatal', 'error', 'warn', 'log', 'debug'],
});
const application = await NestFactory.createApplicationContext(
  SftpModule.forRoot({
    host: '127.0.0.1',
    port: 0,
    auth: interactive ? askingForCodes : { passwords: users },
    backend: root === undefined ? new MemoryBackend() : new FolderBackend({ root }),
    ...options,
  }),
  { logger, abortOnError: false },
);

process.on('message', ({ id, collect }) => {
  // Twice: the first finds what finalizers keep, the second collects it.
  if (collect) for (let n = 0; n < 2; n++) globalThis.gc();
  process.send({ id, rss: process.memoryUsage().rss });
});
process.on('disconnect', () => process.exit(0));
process.send({ port: application.get(SftpServer).address().port });
