import { describe, expect, it } from '@jest/globals';
import { normalizePath } from '../../filesystem/path.js';
import { MemoryBackend, type MemoryBackendOptions } from './index.js';

const ROOT = normalizePath('/');

describe('options of MemoryBackend', () => {
  it('may be left out', () => {
    const info = new MemoryBackend().fileInfo(ROOT);
    expect(info).toMatchObject({ type: 'directory', mode: 0o755, uid: 0, gid: 0 });
    expect(info).not.toHaveProperty('owner');
    expect(info).not.toHaveProperty('group');
  });

  it('name the owner of what clients make', () => {
    const backend = new MemoryBackend({ uid: 7, gid: 8, owner: 'alice', group: 'staff' });
    backend.makeDir(normalizePath('/d'), {});
    const owned = { uid: 7, gid: 8, owner: 'alice', group: 'staff' };
    expect(backend.fileInfo(ROOT)).toMatchObject(owned);
    expect(backend.fileInfo(normalizePath('/d'))).toMatchObject(owned);
    expect(backend.ownerNames({ uids: [7, 8], gids: [7, 8] })).toEqual({
      users: ['alice', ''],
      groups: ['', 'staff'],
    });
  });

  it('do not name another owner', () => {
    const backend = new MemoryBackend({ uid: 7, gid: 8, owner: 'alice', group: 'staff' });
    backend.makeDir(normalizePath('/d'), { uid: 70, gid: 80 });
    const info = backend.fileInfo(normalizePath('/d'));
    expect(info).toMatchObject({ uid: 70, gid: 80 });
    expect(info).not.toHaveProperty('owner');
    expect(info).not.toHaveProperty('group');
  });

  const wrong: readonly (readonly [keyof MemoryBackendOptions, unknown])[] = [
    ['maxBytes', -1],
    ['maxBytes', 1.5],
    ['maxBytes', NaN],
    ['maxBytes', '64'],
    ['maxBytes', null],
    ['uid', -1],
    ['uid', 2 ** 32],
    ['uid', '0'],
    ['gid', 0.5],
    ['gid', -1],
    ['owner', ''],
    ['owner', 'two words'],
    ['owner', 5],
    ['group', 'line\nbreak'],
    ['group', null],
  ];
  it.each(wrong)('%s: %j is a TypeError that names the option', (option, value) => {
    const options = { [option]: value } as MemoryBackendOptions;
    const make = () => new MemoryBackend(options);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(`MemoryBackend: ${option} `);
  });

  it.each([0, 1, Infinity])('maxBytes: %d is a limit', (maxBytes) => {
    expect(() => new MemoryBackend({ maxBytes })).not.toThrow();
  });
});
