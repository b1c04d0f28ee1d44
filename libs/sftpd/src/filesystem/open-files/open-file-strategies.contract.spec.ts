import { afterEach, beforeEach, describe, it } from '@jest/globals';

import { MemoryBackend } from '../../backends/memory/index.js';
import { CAPABILITIES, type ContentMethod, describeBackendContract } from '../../testing/index.js';
import type { SftpBackend } from '../backend.js';
import type { OpenFileOptions } from './open-file-options.js';
import { rangesAndWholeWrites, streamingOnly, wholeFileOnly } from './spec-support/levels.js';

const runner = { describe, it, beforeEach, afterEach };

const STREAMING: readonly ContentMethod[] = ['readFileRange', 'beginWrite'];

describeLevel('streamingOnly', streamingOnly, STREAMING);
describeLevel('streamingOnly, spooled', streamingOnly, STREAMING, { rewrites: 'spool' });
describeLevel('wholeFileOnly', wholeFileOnly, ['readFile', 'writeFile']);
describeLevel('rangesAndWholeWrites', rangesAndWholeWrites, ['readFileRange', 'writeFile']);

describeBackendContract(
  {
    name: 'OpenFileStrategies over all that a backend can have but random access',
    create: () => ({ backend: withoutRandomAccess() }),
    content: STREAMING,
    without: ['supportsSync'],
    strategies: { rewrites: 'spool' },
  },
  runner,
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
  content: readonly ContentMethod[],
  strategies: OpenFileOptions = {},
): void {
  describeBackendContract(
    {
      name: `OpenFileStrategies over ${name}`,
      create: () => ({ backend: level(new MemoryBackend()) }),
      content,
      without: CAPABILITIES,
      strategies,
    },
    runner,
  );
}
