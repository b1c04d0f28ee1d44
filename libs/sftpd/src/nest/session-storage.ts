import type { RandomAccessBackend, SftpBackend } from '../filesystem/backend.js';
import type { OpenFileStrategies } from '../filesystem/open-files/open-file-strategies.js';
import {
  childPath,
  pathSegments,
  rebasePath,
  ROOT_PATH,
  type SftpPath,
} from '../filesystem/path.js';
import type { SftpSession } from '../filesystem/session.js';
import type { SessionTree } from '../filesystem/storage.js';
import { PathMap } from '../filesystem/tree/path-map.js';
import { errorCode } from '../filesystem/sftp-error.js';
import { mountTree, type MountTreeOptions } from '../filesystem/tree/mount-tree.js';
import { readOnlyRules } from '../filesystem/tree/permissions.js';
import { restricted } from '../filesystem/tree/restricted.js';
import type { SftpBackendRegistry } from './backend-registry.js';
import type { ResolveBackend } from './backend-setting.js';
import { readChoice, type SessionChoice, SessionChoiceError } from './session-choice.js';

type Mounts = ReadonlyMap<SftpPath, SftpBackend>;

/** Lookups that a listing of a tree may have to wait for, one after the other, and its own work. */
const LOOKUPS_OF_A_LISTING = 5;

/** Milliseconds that a tree gives a lookup by itself. */
const MAX_LOOKUP_TIMEOUT = 1000;

/** Gives each session the tree that it works on: the server's own, or what is chosen for it. */
export class SessionStorage {
  readonly #registry: SftpBackendRegistry;
  readonly #strategies: OpenFileStrategies;
  readonly #opened = new WeakMap<SftpBackend, RandomAccessBackend>();
  readonly #treeOptions: MountTreeOptions;
  #own: SessionTree | undefined;

  /** @param openTimeout milliseconds within which a listing of a tree has to be open */
  constructor(registry: SftpBackendRegistry, strategies: OpenFileStrategies, openTimeout: number) {
    this.#registry = registry;
    this.#strategies = strategies;
    const lookupTimeout = Math.ceil(openTimeout / LOOKUPS_OF_A_LISTING);
    this.#treeOptions = lookupTimeout < MAX_LOOKUP_TIMEOUT ? { lookupTimeout } : {};
  }

  /**
   * The tree of a session.
   *
   * @throws Error that names the option and the user, when nothing usable is chosen or a backend refuses the session
   */
  async of(session: SftpSession): Promise<SessionTree> {
    const { resolve } = this.#registry;
    if (resolve !== undefined) return this.#chosen(session, resolve);
    const mounts = this.#registry.mounts();
    await admit(mounts, session);
    this.#own ??= { files: this.#tree(mounts), backendAt: this.#namesIn(mounts, ROOT_PATH) };
    return this.#own;
  }

  async #chosen(session: SftpSession, resolve: ResolveBackend): Promise<SessionTree> {
    try {
      const choice = readChoice(await resolve(session));
      const mounts = this.#mountsOf(choice);
      await admit(mounts, session);
      const tree = await this.#rooted(this.#tree(mounts), choice, session);
      const allowed = choice.permissions ? restricted(tree, choice.permissions) : tree;
      return {
        files: choice.readOnly ? restricted(allowed, readOnlyRules) : allowed,
        backendAt: this.#namesIn(mounts, choice.root),
      };
    } catch (error) {
      throw new Error(
        `option backend, for the user ${JSON.stringify(session.username)}: ${messageOf(error)}`,
        { cause: error },
      );
    }
  }

  #mountsOf({ backend, mounts }: SessionChoice): Mounts {
    const all = new Map(backend === undefined ? this.#registry.mounts() : []);
    if (backend !== undefined) all.set(ROOT_PATH, this.#named(backend));
    for (const [path, mounted] of mounts) all.set(path, this.#named(mounted));
    if (all.size === 0) {
      throw new SessionChoiceError(
        'it names no backend, and nothing is mounted in the tree of the server',
      );
    }
    return all;
  }

  /** The names of the backends of a tree, by the paths that are seen from a directory of it down. */
  #namesIn(mounts: Mounts, root: SftpPath): SessionTree['backendAt'] {
    const names = new Map([...this.#registry.names()].map(([name, backend]) => [backend, name]));
    const backends = new PathMap<SftpBackend>();
    for (const [path, backend] of mounts) backends.set(path, backend);
    return (path) => {
      const backend = backends.nearest(rebasePath(path, ROOT_PATH, root));
      return backend && names.get(backend);
    };
  }

  #named(backend: string | SftpBackend): SftpBackend {
    return typeof backend === 'string' ? this.#registry.get(backend) : backend;
  }

  /** The tree from a directory of it down. */
  async #rooted(
    tree: RandomAccessBackend,
    { root, createRoot }: SessionChoice,
    session: SftpSession,
  ): Promise<RandomAccessBackend> {
    if (root === ROOT_PATH) return tree;
    if (createRoot) await makeDirs(tree, root, session);
    await checkRoot(tree, root, session);
    return mountTree([{ path: ROOT_PATH, backend: tree, root }], this.#treeOptions);
  }

  #tree(mounts: Mounts): RandomAccessBackend {
    return mountTree(
      [...mounts].map(([path, backend]) => ({ path, backend: this.#randomAccess(backend) })),
      this.#treeOptions,
    );
  }

  #randomAccess(backend: SftpBackend): RandomAccessBackend {
    const known = this.#opened.get(backend);
    if (known !== undefined) return known;
    const opened = this.#strategies.randomAccess(backend);
    this.#opened.set(backend, opened);
    return opened;
  }
}

/** @throws what the first backend throws that refuses the session */
async function admit(mounts: Mounts, session: SftpSession): Promise<void> {
  for (const backend of mounts.values()) await backend.admitSession?.(session);
}

async function checkRoot(tree: SftpBackend, root: SftpPath, session: SftpSession): Promise<void> {
  try {
    const { type } = await tree.fileInfo(root, session);
    if (type === 'directory') return;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw new SessionChoiceError(`its root ${root} is not there; createRoot: true makes it`, {
      cause: error,
    });
  }
  throw new SessionChoiceError(`its root ${root} is no directory`);
}

async function makeDirs(tree: SftpBackend, path: SftpPath, session: SftpSession): Promise<void> {
  let directory = ROOT_PATH;
  for (const segment of pathSegments(path)) {
    directory = childPath(directory, segment);
    try {
      await tree.fileInfo(directory, session);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      await makeDir(tree, directory, session);
    }
  }
}

async function makeDir(tree: SftpBackend, path: SftpPath, session: SftpSession): Promise<void> {
  try {
    await tree.makeDir(path, {}, session);
  } catch (error) {
    // Another session of the user may have made it in the meantime.
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
