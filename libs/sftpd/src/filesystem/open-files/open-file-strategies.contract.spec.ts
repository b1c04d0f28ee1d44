import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { MemoryBackend } from '../../backends/memory/index.js';
import { CAPABILITIES, type ContractRunner, describeBackendContract } from '../../testing/index.js';
import type { SftpBackend } from '../backend.js';
import type { OpenFileOptions } from './open-file-options.js';
import { OpenFileStrategies } from './open-file-strategies.js';
import { rangesAndWholeWrites, streamingOnly, wholeFileOnly } from './spec-support/levels.js';

/** No level knows a file but by its name: an upload ends under the name that it began with. */
const BY_NAME = [
  'a new file under the name of a deleted one is another file',
  'a directory renamed while a file below is written keeps the writer',
];

/** Ranges are read by name as well. */
const RANGES_BY_NAME = [
  'a file deleted while it is open stays readable',
  'a file replaced by a rename stays readable through its handle',
];

/** A writer takes bytes once. */
const NO_REWRITES = [
  'of overlapping writes the last one stays',
  'many small random writes make what a buffer would be',
];

/** A sparse file has to be streamed with its zeros. */
const NO_TERABYTES = ['a file of 1 TiB with one byte at its end takes no such space'];

describeLevel('streamingOnly', streamingOnly, [...BY_NAME, ...RANGES_BY_NAME, ...NO_REWRITES]);
describeLevel('streamingOnly, spooled', streamingOnly, [...BY_NAME, ...RANGES_BY_NAME], {
  rewrites: 'spool',
});
describeLevel('wholeFileOnly', wholeFileOnly, BY_NAME);
describeLevel('rangesAndWholeWrites', rangesAndWholeWrites, [...BY_NAME, ...RANGES_BY_NAME]);

describeBackendContract(
  {
    name: 'OpenFileStrategies over all that a backend can have but random access',
    create: () => ({
      backend: new OpenFileStrategies({ rewrites: 'spool' }).randomAccess(withoutRandomAccess()),
    }),
    without: ['supportsSync'],
    uploads: 'on close',
  },
  runnerWhere([
    ...BY_NAME,
    ...RANGES_BY_NAME,
    ...NO_TERABYTES,
    'a handle lives on when the last of two names is deleted',
    // A backend that streams finds at the end where a dangling link leads to.
    'CREAT through a link into a missing directory is ENOENT',
  ]),
);

/** The methods look like those of a class, and need their `this`. */
function withoutRandomAccess(): SftpBackend {
  const storage = new MemoryBackend();
  const streaming = streamingOnly(storage);
  return new Proxy<SftpBackend>(storage, {
    get(_, name) {
      if (name === 'openFile' || name === 'supportsSync') return undefined;
      const owner = Reflect.has(streaming, name) ? streaming : storage;
      const method: unknown = Reflect.get(owner, name);
      return typeof method === 'function' ? (method.bind(owner) as unknown) : method;
    },
  });
}

function describeLevel(
  name: string,
  level: (storage: MemoryBackend) => SftpBackend,
  differs: readonly string[],
  options: OpenFileOptions = {},
): void {
  describeBackendContract(
    {
      name: `OpenFileStrategies over ${name}`,
      create: () => ({
        backend: new OpenFileStrategies(options).randomAccess(level(new MemoryBackend())),
      }),
      without: CAPABILITIES,
      uploads: 'on close',
    },
    runnerWhere(differs),
  );
}

/** A runner where the tests named must fail, so that the list stays exact. */
function runnerWhere(differs: readonly string[]): ContractRunner {
  return {
    describe,
    beforeEach,
    afterEach,
    it: (name, run, timeoutMs) => {
      if (!differs.includes(name)) {
        it(name, run, timeoutMs);
        return;
      }
      it(`without random access it is not true that: ${name}`, async () => {
        await expect(run()).rejects.toThrow();
      });
    },
  };
}
