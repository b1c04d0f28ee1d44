import type { SftpBackend } from '../filesystem/backend.js';
import type { MaybePromise } from '../filesystem/maybe-promise.js';
import type { SftpSession } from '../filesystem/session.js';
import { isSource, type ProviderSource } from './provider-source.js';
import type { SftpBackendChoice, SftpBackendResolver } from './session-choice.js';

/** Chooses the backend of a session. */
export type ResolveBackend = (session: SftpSession) => MaybePromise<SftpBackendChoice>;

/** The session has the choice: an attribute that its authenticator gave it holds it. */
export interface SessionAttributeOption {
  /** The name of the attribute; its value is a choice as a function would return it. */
  readonly sessionAttribute: string;
}

/** The session has the choice: an injectable class makes it. */
export interface UseResolverOption {
  /** The class, or another of Nest's ways to provide one. */
  readonly useResolver: ProviderSource<SftpBackendResolver>;
}

/**
 * What the option `backend` may be: a backend in any of Nest's ways to provide one, the name of one, or how each
 * session comes to its own.
 */
export type BackendOption =
  | string
  | ProviderSource<SftpBackend>
  | ResolveBackend
  | SessionAttributeOption
  | UseResolverOption;

/** The option `backend`, told apart. */
export type BackendSetting =
  | { readonly kind: 'source'; readonly source: ProviderSource<SftpBackend> }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'function'; readonly resolve: ResolveBackend }
  | { readonly kind: 'attribute'; readonly attribute: string }
  | { readonly kind: 'resolver'; readonly source: ProviderSource<SftpBackendResolver> };

/** Tells apart what the option `backend` is. */
export function backendSetting(option: BackendOption): BackendSetting {
  if (typeof option === 'string') return { kind: 'name', name: option };
  if (typeof option === 'function') {
    return isClass(option)
      ? { kind: 'source', source: option as ProviderSource<SftpBackend> }
      : { kind: 'function', resolve: option as ResolveBackend };
  }
  if ('sessionAttribute' in option)
    return { kind: 'attribute', attribute: option.sessionAttribute };
  if ('useResolver' in option) return { kind: 'resolver', source: option.useResolver };
  return { kind: 'source', source: option };
}

/** What is wrong with the option `backend`, as far as it can be told before it is resolved. */
export function backendOptionProblems(option: unknown): string[] {
  if (typeof option === 'string') {
    return option === '' ? ['backend: the name of a backend must not be empty'] : [];
  }
  if (!isSource(option)) {
    return [
      'backend: what was given is no SftpBackend, nor a class, a provider, a name or a resolver of one',
    ];
  }
  if ('sessionAttribute' in option) {
    const { sessionAttribute, ...others } = option;
    return typeof sessionAttribute === 'string' && sessionAttribute !== '' && isEmpty(others)
      ? []
      : ["backend: { sessionAttribute: '...' } takes the name of an attribute, and nothing else"];
  }
  if ('useResolver' in option) {
    const { useResolver, ...others } = option;
    return isSource(useResolver) && isEmpty(others)
      ? []
      : [
          'backend: { useResolver: ... } takes a class or a provider of an SftpBackendResolver, and nothing else',
        ];
  }
  return [];
}

/**
 * Whether a function is a class. Its text says so for a class of today; one that was compiled to a function has
 * something on its prototype, extends another, or carries a decorator's metadata.
 */
export function isClass(value: object): boolean {
  if (typeof value !== 'function') return false;
  if (/^class\b/.test(Function.prototype.toString.call(value))) return true;
  const prototype: unknown = value.prototype;
  if (typeof prototype !== 'object' || prototype === null) return false;
  return (
    Reflect.ownKeys(prototype).some((key) => key !== 'constructor') ||
    (Object.hasOwn(prototype, 'constructor') && extendsAnother(prototype)) ||
    Reflect.getOwnMetadataKeys(value).length > 0
  );
}

/** Whether a prototype inherits from more than the root of all objects, which each realm has of its own. */
function extendsAnother(prototype: object): boolean {
  const parent: unknown = Object.getPrototypeOf(prototype);
  return parent !== null && Object.getPrototypeOf(parent) !== null;
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}
