import type { SftpBackend } from '../filesystem/backend.js';
import type { MaybePromise } from '../filesystem/maybe-promise.js';
import { ROOT_PATH, type SftpPath } from '../filesystem/path.js';
import type { SftpSession } from '../filesystem/session.js';
import {
  type Permission,
  type PermissionRules,
  PERMISSIONS,
} from '../filesystem/tree/permissions.js';
import { contractProblem, looksLikeBackend } from './backend-contract.js';
import { isCanonical, pathProblem } from './backend-role.js';

/** The tree that a session is given: a backend, or more about it. */
export type SftpBackendChoice = string | SftpBackend | SftpTreeChoice;

/** A tree of files for one session. */
export interface SftpTreeChoice {
  /** The backend at `/`, or the name of one. @default the tree of the server: what is mounted in it */
  readonly backend?: string | SftpBackend;
  /** Backends, or names of them, by the path where they stand; they take the place of what the server has there. */
  readonly mounts?: Readonly<Record<string, string | SftpBackend>>;
  /** The directory that the session sees as `/`; nothing outside of it can be reached. @default '/' */
  readonly root?: string;
  /** Makes {@link root} where it is missing; without it such a session is refused. @default false */
  readonly createRoot?: boolean;
  /** Nothing can be changed. @default false */
  readonly readOnly?: boolean;
  /** What may be done where, by paths as the session sees them. @default everything */
  readonly permissions?: PermissionRules;
}

/** Chooses the backend of a session: `backend: { useResolver: TenantStorage }`. */
export interface SftpBackendResolver {
  /**
   * Called once for each session, before its first request.
   *
   * @throws whatever keeps the session from having a tree: its channels are refused
   */
  resolveBackend(session: SftpSession): MaybePromise<SftpBackendChoice>;
}

/** A choice that has been read: every path canonical, nothing left open. */
export interface SessionChoice {
  readonly backend: string | SftpBackend | undefined;
  readonly mounts: ReadonlyMap<SftpPath, string | SftpBackend>;
  readonly root: SftpPath;
  readonly createRoot: boolean;
  readonly permissions: PermissionRules | undefined;
  readonly readOnly: boolean;
}

const KEYS = ['backend', 'mounts', 'root', 'createRoot', 'readOnly', 'permissions'] as const;

/** A choice cannot be used; the message says why, without showing what it holds. */
export class SessionChoiceError extends Error {
  override readonly name = 'SessionChoiceError';
}

/**
 * Reads what was chosen for a session. Nothing is guessed: what is missing, empty or `undefined` is refused, so
 * that a mistake never opens more than was meant.
 *
 * @throws SessionChoiceError
 */
export function readChoice(value: unknown): SessionChoice {
  if (value === undefined || value === null || value === '' || value === false) {
    throw new SessionChoiceError('nothing was chosen');
  }
  if (typeof value === 'string' || looksLikeBackend(value)) {
    return { ...NOTHING_ELSE, backend: readBackend(value, 'the choice') };
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new SessionChoiceError('what was chosen is no name, backend or object with one');
  }
  return readTree(value as Readonly<Record<string, unknown>>);
}

const NOTHING_ELSE: Omit<SessionChoice, 'backend'> = {
  mounts: new Map(),
  root: ROOT_PATH,
  createRoot: false,
  permissions: undefined,
  readOnly: false,
};

function readTree(choice: Readonly<Record<string, unknown>>): SessionChoice {
  const keys = Object.keys(choice);
  if (keys.length === 0) throw new SessionChoiceError('what was chosen is empty');
  for (const key of keys) {
    if (!(KEYS as readonly string[]).includes(key)) {
      throw new SessionChoiceError(
        `${JSON.stringify(key)} cannot be chosen; known are ${KEYS.join(', ')}`,
      );
    }
    if (choice[key] === undefined || choice[key] === null) {
      throw new SessionChoiceError(
        `its ${key} is ${String(choice[key])}; leave it out or give one`,
      );
    }
  }
  const { backend, mounts, root, permissions } = choice;
  const read: SessionChoice = {
    backend: backend === undefined ? undefined : readBackend(backend, 'its backend'),
    mounts: mounts === undefined ? new Map() : readMounts(mounts),
    root: root === undefined ? ROOT_PATH : canonical(root, 'its root'),
    createRoot: readBoolean(choice, 'createRoot'),
    readOnly: readBoolean(choice, 'readOnly'),
    permissions: permissions === undefined ? undefined : readPermissions(permissions),
  };
  if (read.backend !== undefined && read.mounts.has(ROOT_PATH)) {
    throw new SessionChoiceError("its backend and its mounts both claim '/'");
  }
  if (read.createRoot && root === undefined) {
    throw new SessionChoiceError('createRoot is given without a root');
  }
  return read;
}

function readBackend(value: unknown, what: string): string | SftpBackend {
  if (typeof value === 'string' && value !== '') return value;
  const problem = contractProblem(value);
  if (problem !== undefined) throw new SessionChoiceError(`${what}: ${problem}`);
  return value as SftpBackend;
}

function readMounts(value: unknown): Map<SftpPath, string | SftpBackend> {
  return new Map(
    entriesOf(value, 'mounts').map(([path, backend]) => [
      canonical(path, 'a path of its mounts'),
      readBackend(backend, `its mount ${path}`),
    ]),
  );
}

function readPermissions(value: unknown): PermissionRules {
  const rules = entriesOf(value, 'permissions').map(([path, permissions]) => {
    if (!Array.isArray(permissions) || !permissions.every(isPermission)) {
      throw new SessionChoiceError(
        `its permissions of a path must be a list out of ${PERMISSIONS.join(', ')}`,
      );
    }
    return [canonical(path, 'a path of its permissions'), [...permissions]] as const;
  });
  return Object.fromEntries(rules);
}

function entriesOf(value: unknown, key: string): [string, unknown][] {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries = isRecord ? Object.entries(value) : [];
  if (entries.length === 0) {
    throw new SessionChoiceError(`its ${key} must be an object with at least one path`);
  }
  return entries;
}

function isPermission(value: unknown): value is Permission {
  return (PERMISSIONS as readonly unknown[]).includes(value);
}

function readBoolean(
  choice: Readonly<Record<string, unknown>>,
  key: 'createRoot' | 'readOnly',
): boolean {
  const value = choice[key];
  if (value === undefined) return false;
  if (typeof value !== 'boolean') throw new SessionChoiceError(`its ${key} must be true or false`);
  return value;
}

function canonical(path: unknown, what: string): SftpPath {
  if (!isCanonical(path)) throw new SessionChoiceError(`${what} ${pathProblem(path)}`);
  return path;
}
