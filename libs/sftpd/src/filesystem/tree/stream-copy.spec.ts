import { beforeEach, describe, expect, it } from '@jest/globals';

import { MemoryBackend } from '../../backends/memory/memory-backend.js';
import { pattern } from '../../testing/contract/bytes.js';
import { at, ContractFixture } from '../../testing/contract/fixture.js';
import type { RandomAccessBackend } from '../backend.js';
import type { OpenFile } from '../open-file.js';
import { SftpError } from '../sftp-error.js';
import { mountTree } from './mount-tree.js';
import { mount } from './spec-support/mount-at.js';
import { plain } from './spec-support/plain-backend.js';
import { outcomeOf, SESSION } from './spec-support/tree-session.js';

const SIZE = 3 * 256 * 1024 + 17;

/** A backend whose files are those of another one with some of their methods replaced. */
function withFiles(
  backend: RandomAccessBackend,
  replace: (file: OpenFile) => Partial<OpenFile>,
): RandomAccessBackend {
  return plain(backend, {
    openFile: async (path, flags, session) => {
      const file = await backend.openFile(path, flags, session);
      const same: OpenFile = {
        read: file.read.bind(file),
        write: file.write.bind(file),
        stat: file.stat.bind(file),
        close: file.close.bind(file),
        abort: file.abort.bind(file),
      };
      return { ...same, ...replace(file) };
    },
  });
}

describe('a copy across mounts', () => {
  let one: ContractFixture;
  let two: ContractFixture;
  let tree: ContractFixture;

  function treeOf(source: RandomAccessBackend, target: RandomAccessBackend): ContractFixture {
    return new ContractFixture(mountTree([mount('/one', source), mount('/two', target)]), SESSION);
  }

  beforeEach(async () => {
    one = new ContractFixture(new MemoryBackend(), SESSION);
    two = new ContractFixture(new MemoryBackend(), SESSION);
    tree = treeOf(one.backend, two.backend);
    await one.put('/f', pattern(SIZE, 1));
  });

  it('is whole, and keeps the permission bits but no set-id bits', async () => {
    await one.setAttributes('/f', { mode: 0o4705 });
    await tree.copy('/one/f', '/two/g', false);
    await two.assertContent('/g', pattern(SIZE, 1));
    expect((await two.info('/g')).mode).toBe(0o705);
    await two.assertNames('/', ['g']);
  });

  it('of an empty file is an empty file', async () => {
    await one.put('/empty');
    await tree.copy('/one/empty', '/two/empty', true);
    await two.assertContent('/empty', '');
  });

  it('replaces a file with overwrite alone, and a link and not what it names', async () => {
    await two.put('/old', 'old');
    await two.symlink('/link', 'old');
    expect(await outcomeOf(() => tree.copy('/one/f', '/two/old', false))).toBe('EEXIST');
    expect(await outcomeOf(() => tree.copy('/one/f', '/two/link', false))).toBe('EEXIST');
    await two.assertContent('/old', 'old');
    await tree.copy('/one/f', '/two/link', true);
    await two.assertContent('/old', 'old');
    expect((await two.linkInfo('/link')).type).toBe('regular');
    await tree.copy('/one/f', '/two/old', true);
    await two.assertContent('/old', pattern(SIZE, 1));
  });

  it.each([
    ['a directory', '/one/d', '/two/g', 'EISDIR'],
    ['something that is not there', '/one/nothing', '/two/g', 'ENOENT'],
    ['a file into a directory that is not there', '/one/f', '/two/nothing/g', 'ENOENT'],
    ['a file onto a directory', '/one/f', '/two/d', 'EISDIR'],
    ['a file through a file', '/one/f', '/two/file/g', 'ENOTDIR'],
  ])('of %s fails and leaves nothing', async (_what, from, to, code) => {
    await one.makeDir('/d');
    await two.makeDir('/d');
    await two.put('/file', 'x');
    expect(await outcomeOf(() => tree.copy(from, to, true))).toBe(code);
    await two.assertNames('/', ['d', 'file']);
    await two.assertNames('/d', []);
  });

  it('of what is no regular file is refused before it is opened', async () => {
    const fifo = plain(one.backend, {
      fileInfo: () => ({ type: 'fifo', size: 0 }),
      openFile: () => {
        throw new Error('it was opened');
      },
    });
    const copied = outcomeOf(() => treeOf(fifo, two.backend).copy('/one/f', '/two/g', false));
    expect(await copied).toBe('EACCES');
  });

  it('holds a block, however large the file is', async () => {
    let longest = 0;
    const source = withFiles(one.backend, (file) => ({
      read: (target, offset) => {
        longest = Math.max(longest, target.length);
        return file.read(target, offset);
      },
    }));
    await treeOf(source, two.backend).copy('/one/f', '/two/g', false);
    expect(longest).toBe(256 * 1024);
    await two.assertContent('/g', pattern(SIZE, 1));
  });

  it('shows nothing under the name until it is whole', async () => {
    const seen: string[][] = [];
    const target = withFiles(two.backend, (file) => ({
      write: async (data, offset) => {
        await file.write(data, offset);
        seen.push((await two.entries('/')).map(({ name }) => name));
      },
    }));
    await two.put('/g', 'old');
    await treeOf(one.backend, target).copy('/one/f', '/two/g', true);
    expect(seen).toHaveLength(4);
    for (const names of seen) expect(names).toEqual(['g', expect.stringMatching(/^\.copy-/)]);
    await two.assertNames('/', ['g']);
  });

  describe('that fails', () => {
    const failure = (): never => {
      throw new SftpError('ENOSPC');
    };
    const lost = (): Promise<never> => Promise.reject(new SftpError('EDQUOT'));
    let ends: string[];

    /** Tells how each file ends. */
    function watched(
      name: string,
      backend: RandomAccessBackend,
      replaced: Partial<OpenFile> = {},
    ): RandomAccessBackend {
      return withFiles(backend, (file) => ({
        close: () => {
          ends.push(`${name} closed`);
          return file.close();
        },
        abort: () => {
          ends.push(`${name} aborted`);
          return file.abort();
        },
        ...replaced,
      }));
    }

    beforeEach(async () => {
      ends = [];
      await two.put('/g', 'old');
    });

    interface Failing {
      readonly at: string;
      readonly source?: Partial<OpenFile>;
      readonly target?: Partial<OpenFile>;
      readonly code: string;
      readonly ends: readonly string[];
    }
    const both = ['target aborted', 'source aborted'];
    const FAILING: readonly Failing[] = [
      { at: 'a read', source: { read: lost }, code: 'EDQUOT', ends: both },
      { at: 'a write', target: { write: failure }, code: 'ENOSPC', ends: both },
      { at: 'nonsense from a read', source: { read: () => NaN }, code: 'EIO', ends: both },
      { at: 'a read of too much', source: { read: () => 1e9 }, code: 'EIO', ends: both },
      { at: 'the commit', target: { close: lost }, code: 'EDQUOT', ends: ['source aborted'] },
      {
        at: 'an abort as well',
        target: { write: failure, abort: failure },
        code: 'ENOSPC',
        ends: ['source aborted'],
      },
    ];

    it.each(FAILING)('at $at leaves the old file and no other', async (failing) => {
      const { source, target, code } = failing;
      const broken = treeOf(
        watched('source', one.backend, source),
        watched('target', two.backend, target),
      );
      for (const [to, overwrite] of [
        ['/two/g', true],
        ['/two/new', false],
      ] as const) {
        ends = [];
        expect(await outcomeOf(() => broken.copy('/one/f', to, overwrite))).toBe(code);
        expect(ends).toEqual(failing.ends);
      }
      await two.assertContent('/g', 'old');
      await two.assertNames('/', ['g']);
    });

    it('as the name was taken meanwhile leaves what took it', async () => {
      const target = watched('target', two.backend, {
        write: async () => two.put('/new', 'taken'),
      });
      const copied = treeOf(one.backend, target).copy('/one/f', '/two/new', false);
      expect(await outcomeOf(() => copied)).toBe('EEXIST');
      await two.assertContent('/new', 'taken');
      await two.assertNames('/', ['g', 'new']);
    });

    it.each(['read', 'write', 'close'] as const)(
      'as nobody waits any more, seen at its first %s, leaves nothing',
      async (call) => {
        const ending = new AbortController();
        const after = (file: OpenFile): Partial<OpenFile> => {
          const same = file[call].bind(file) as (...args: unknown[]) => unknown;
          const ended = (...args: unknown[]): unknown => {
            ending.abort();
            return same(...args);
          };
          return { [call]: ended };
        };
        const source = call === 'read' ? withFiles(one.backend, after) : one.backend;
        const target = call === 'read' ? two.backend : withFiles(two.backend, after);
        const copied = treeOf(source, target).backend.copy(
          at('/one/f'),
          at('/two/new'),
          { overwrite: false, signal: ending.signal },
          SESSION,
        );
        expect(await outcomeOf(() => copied)).toBe('EIO');
        await two.assertNames('/', ['g']);
      },
    );

    it('lets others run and give it up, also between synchronous backends', async () => {
      const ending = new AbortController();
      const options = { overwrite: false, signal: ending.signal };
      const copied = tree.backend.copy(at('/one/f'), at('/two/new'), options, SESSION);
      setImmediate(() => {
        ending.abort();
      });
      expect(await outcomeOf(() => copied)).toBe('EIO');
      await two.assertNames('/', ['g']);
    });

    it('as nobody waits from the start copies nothing', async () => {
      const signal = AbortSignal.abort();
      const copied = tree.backend.copy(
        at('/one/f'),
        at('/two/g'),
        { overwrite: true, signal },
        SESSION,
      );
      expect(await outcomeOf(() => copied)).toBe('EIO');
      await two.assertContent('/g', 'old');
      await two.assertNames('/', ['g']);
    });
  });
});

describe('a copy within a mount', () => {
  it("is the backend's own where it has one", async () => {
    const backend = new MemoryBackend();
    const calls: unknown[] = [];
    const own = plain(backend, {
      copy: (from, to, options) => {
        calls.push([from, to, options.overwrite]);
      },
    });
    const tree = new ContractFixture(
      mountTree([mount('/one', own, '/data'), mount('/two', backend)]),
      SESSION,
    );
    await tree.copy('/one/f', '/one/d/g', true);
    expect(calls).toEqual([['/data/f', '/data/d/g', true]]);
  });
});
