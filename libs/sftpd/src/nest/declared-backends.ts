import type { SftpSession } from '../filesystem/session.js';
import { className } from './backend-contract.js';
import type { BackendSetting, ResolveBackend } from './backend-setting.js';
import type { SftpBackendResolver } from './session-choice.js';
import { SftpOptionsError } from './sftp-options.error.js';

/** What the options of a server say of backends, resolved: instances, or names of backends. Not checked yet. */
export interface DeclaredBackends {
  /** The option `backend`; nothing when it is left out or chooses by session. */
  readonly root: unknown;
  /** The option `backends`. */
  readonly names: ReadonlyMap<string, unknown>;
  /** The option `mounts`. */
  readonly mounts: ReadonlyMap<string, unknown>;
  /** How a session comes to its own backend. */
  readonly resolve: ResolveBackend | undefined;
}

/** How a setting chooses by session; nothing when it does not. */
export function resolverOf(
  setting: BackendSetting | undefined,
  resolver: SftpBackendResolver | undefined,
): ResolveBackend | undefined {
  switch (setting?.kind) {
    case 'function':
      return setting.resolve;
    case 'attribute':
      return (session) => attributeOf(session, setting.attribute);
    case 'resolver':
      return checkedResolver(resolver);
    default:
      return undefined;
  }
}

/** What an authenticator has put there is untrusted: it is read as any other choice. */
function attributeOf(session: SftpSession, attribute: string): never {
  const { attributes } = session;
  return (Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined) as never;
}

function checkedResolver(resolver: SftpBackendResolver | undefined): ResolveBackend {
  const { resolveBackend } = (resolver ?? {}) as Partial<SftpBackendResolver>;
  if (typeof resolveBackend !== 'function') {
    throw new SftpOptionsError([
      `backend: ${className(resolver)} is no SftpBackendResolver; it lacks resolveBackend`,
    ]);
  }
  return (session) => resolveBackend.call(resolver, session);
}
