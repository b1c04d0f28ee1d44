// A process that serves backends by the built package: what `BackendService` starts.
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { Controller, Module } from '@nestjs/common';
import { MessagePattern, Transport } from '@nestjs/microservices';
import { FolderBackend } from 'nestjs-sftpd/folder';
import { MemoryBackend } from 'nestjs-sftpd/memory';
import { SftpBackendController } from 'nestjs-sftpd/microservices';
import { streamingOnly, wholeFileOnly } from './levels.mjs';

const { PORT, ROOT, LEASE_TIME, LIMIT, TEMPORARY, HOLD = '' } = process.env;
const [heldCall, heldFrom] = HOLD.split(':');
const options = {
  ...(LEASE_TIME && { leaseTime: Number(LEASE_TIME) }),
  ...(LIMIT && { maxHandles: Number(LIMIT) }),
};

/** Never goes on where the test wants to find this process in the middle of something. */
async function holdAt(call, offset) {
  if (call !== heldCall || offset < Number(heldFrom)) return;
  console.log(`Holding ${call}`);
  await new Promise(() => undefined);
}

/** Counts what is open, so that a test can see that nothing stays open, and tells of each end. */
function watched(backend) {
  const openFile = backend.openFile.bind(backend);
  backend.openFile = async (...args) => {
    const file = await openFile(...args);
    test.open++;
    for (const call of ['read', 'write', 'close', 'abort']) {
      const original = file[call].bind(file);
      file[call] = async (data, offset = 0) => {
        await holdAt(call, offset);
        if (call === 'read' || call === 'write') return original(data, offset);
        await original();
        test.open--;
        test.ends.push(call);
        console.log(`Ended by ${call}: ${args[0]}`);
      };
    }
    return file;
  };
  return backend;
}

function makeBackend() {
  return watched(
    ROOT ? new FolderBackend({ root: ROOT, atomicUploads: true }) : new MemoryBackend(),
  );
}

const openFiles = {
  ...(TEMPORARY && { temporaryDirectory: TEMPORARY }),
  maxWholeFileBytes: 2 ** 24,
  maxReassemblyBytes: 2 ** 16,
};

/** Backends without random access, by the patterns under which they are served. */
const LEVELS = {
  'whole-files': { make: wholeFileOnly, options: { openFiles } },
  streaming: { make: streamingOnly, options: { openFiles } },
  spooling: { make: streamingOnly, options: { openFiles: { ...openFiles, rewrites: 'spool' } } },
};

/** What the tests see and change in this process. */
const test = { open: 0, ends: [], sessions: [], backends: makeBackends() };

function makeBackends() {
  const levels = Object.entries(LEVELS).map(([pattern, { make }]) => [
    pattern,
    make(new MemoryBackend()),
  ]);
  return { FIRST: makeBackend(), ...Object.fromEntries(levels) };
}

/** Passes every member on to the backend of the moment, so that each test can have an empty one. */
function current(token) {
  return new Proxy(
    {},
    {
      get(_target, name) {
        const backend = test.backends[token];
        const member = backend[name];
        if (typeof member !== 'function') return member;
        return (...args) => {
          test.sessions.push(args.at(-1));
          return member.apply(backend, args);
        };
      },
    },
  );
}

class TestController {
  reset() {
    Object.assign(test, { ends: [], sessions: [], backends: makeBackends() });
    return {};
  }

  state() {
    const { open, ends, sessions } = test;
    return { open, ends, session: sessions.at(-1) };
  }
}
for (const name of ['reset', 'state']) {
  const descriptor = Object.getOwnPropertyDescriptor(TestController.prototype, name);
  MessagePattern(`test.${name}`)(TestController.prototype, name, descriptor);
}
Controller()(TestController);

class AppModule {}
Module({
  providers: [
    { provide: 'FIRST', useValue: current('FIRST') },
    { provide: 'SECOND', useFactory: () => new MemoryBackend() },
    ...Object.keys(LEVELS).map((level) => ({ provide: level, useValue: current(level) })),
  ],
  controllers: [
    SftpBackendController('FIRST', options),
    SftpBackendController('SECOND', { ...options, pattern: 'second' }),
    ...Object.entries(LEVELS).map(([pattern, level]) =>
      SftpBackendController(pattern, { ...options, ...level.options, pattern }),
    ),
    TestController,
  ],
})(AppModule);

const service = await NestFactory.createMicroservice(AppModule, {
  transport: Transport.TCP,
  options: { host: '127.0.0.1', port: Number(PORT ?? 0) },
  logger: ['error', 'warn'],
});
service.enableShutdownHooks();
await service.listen();
console.log(`Serving on port ${service.unwrap().address().port}`);
