import { describe, expect, it } from '@jest/globals';

import { MemoryBackend } from '../backends/memory/memory-backend.js';
import type { SftpBackend } from '../filesystem/backend.js';
import { OpenFileStrategies } from '../filesystem/open-files/open-file-strategies.js';
import { normalizePath, type SftpPath } from '../filesystem/path.js';
import type { SftpSession } from '../filesystem/session.js';
import { SftpError } from '../filesystem/sftp-error.js';
import type { SftpBackendRegistry } from './backend-registry.js';
import type { ResolveBackend } from './backend-setting.js';
import { SessionStorage } from './session-storage.js';

class GuardedBackend extends MemoryBackend {
  readonly asked: string[] = [];

  admitSession({ username }: SftpSession): void {
    this.asked.push(username);
    if (username !== 'ann') throw new SftpError('EACCES', 'no tenant');
  }
}

function sessionOf(username: string): SftpSession {
  return {
    id: username,
    username,
    peer: { address: '192.0.2.1', port: 4000, ident: 'Test_1.0' },
    attributes: {},
  };
}

function storageOf(
  mounts: Readonly<Record<string, SftpBackend>>,
  resolve?: ResolveBackend,
): SessionStorage {
  const byPath = new Map<SftpPath, SftpBackend>(
    Object.entries(mounts).map(([path, backend]) => [normalizePath(path), backend]),
  );
  const registry = {
    resolve,
    mounts: () => byPath,
    names: () => new Map([['guarded', byPath.get(normalizePath('/guarded'))]]),
  } as unknown as SftpBackendRegistry;
  return new SessionStorage(registry, new OpenFileStrategies(), 1000);
}

describe('SessionStorage', () => {
  it('tells the name of the backend that serves a path', async () => {
    const backends = { '/': new MemoryBackend(), '/guarded': new GuardedBackend() };
    const own = await storageOf(backends).of(sessionOf('ann'));
    expect(own.backendAt(normalizePath('/guarded/a/b'))).toBe('guarded');
    expect(own.backendAt(normalizePath('/guard'))).toBeUndefined();
  });

  it('tells it to a session whose tree begins further down, too', async () => {
    const guarded = new GuardedBackend();
    guarded.makeDir(normalizePath('/home'), {});
    const choice = {
      mounts: { '/': new MemoryBackend(), '/guarded': guarded },
      root: '/guarded/home',
    };
    const chosen = await storageOf(choice.mounts, () => ({ root: choice.root })).of(
      sessionOf('ann'),
    );
    expect(chosen.backendAt(normalizePath('/a'))).toBe('guarded');
  });
});

describe('SessionStorage, of a backend that does not admit everybody', () => {
  it('gives its tree to those that it admits, each asked for', async () => {
    const backend = new GuardedBackend();
    const storage = storageOf({ '/': backend });
    await expect(storage.of(sessionOf('ann'))).resolves.toHaveProperty('files', backend);
    await expect(storage.of(sessionOf('bob'))).rejects.toThrow('no tenant');
    expect(backend.asked).toEqual(['ann', 'bob']);
  });

  it('gives no part of a tree to whom one of its backends refuses', async () => {
    const storage = storageOf({ '/': new MemoryBackend(), '/guarded': new GuardedBackend() });
    await expect(storage.of(sessionOf('ann'))).resolves.toBeDefined();
    await expect(storage.of(sessionOf('bob'))).rejects.toThrow('no tenant');
  });

  it('is asked as well where the session chooses it', async () => {
    const storage = storageOf({}, () => new GuardedBackend());
    await expect(storage.of(sessionOf('ann'))).resolves.toBeDefined();
    await expect(storage.of(sessionOf('bob'))).rejects.toThrow('no tenant');
  });
});
