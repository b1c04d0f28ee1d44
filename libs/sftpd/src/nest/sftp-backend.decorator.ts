import { Injectable } from '@nestjs/common';
import { SCOPE_OPTIONS_METADATA } from '@nestjs/common/internal';

import type { SftpBackend as Contract } from '../filesystem/backend.js';
import { getSftpBackendToken } from './backend-tokens.js';

/** What {@link SftpBackend} says of a class; without `name` and `mount` it is the backend of the whole tree. */
export interface SftpBackendOptions {
  /** The name by which it is injected, mounted and chosen: `@InjectSftpBackend(name)`. */
  readonly name?: string;
  /** Where it stands in the tree of every server of the application. @default '/' unless it has a name */
  readonly mount?: string;
}

/**
 * Storage behind an SFTP server: the contract that a backend implements, and the decorator that makes an
 * injectable class one, wherever in the application it is provided. See the contract for its methods.
 *
 * @example
 * @SftpBackend({ name: 'archive', mount: '/archive' })
 * export class ArchiveBackend implements SftpBackend { ... }
 *
 * @interface
 * @publicApi
 */
export type SftpBackend = Contract;

const METADATA_KEY = 'sftpd:backend';

/**
 * Makes a class injectable and a backend of the application's SFTP servers. It is found by whatever provider
 * gives it: its class, `useClass`, `useFactory` or `useValue`, or any provider under the class as its token.
 * A subclass is no backend unless it is decorated itself.
 *
 * @param options checked when the application starts
 * @throws TypeError when it is used without a call: `@SftpBackend` instead of `@SftpBackend()`
 *
 * @publicApi
 */
export function SftpBackend(options: SftpBackendOptions = {}): ClassDecorator {
  if (typeof options === 'function')
    throw new TypeError('Write @SftpBackend() instead of @SftpBackend');
  // What the options hold is told with all the other problems at the start.
  const { name } = options as { readonly name?: unknown };
  if (typeof name === 'string') getSftpBackendToken(name);
  return (target) => {
    // A scope that @Injectable() has given below must not be lost.
    Injectable(Reflect.getOwnMetadata(SCOPE_OPTIONS_METADATA, target) as undefined)(target);
    Reflect.defineMetadata(METADATA_KEY, options, target);
  };
}

/** What {@link SftpBackend} was told of exactly this class, unchecked; nothing where it was not used. */
export function backendOptionsOf(target: unknown): unknown {
  return typeof target === 'function' ? Reflect.getOwnMetadata(METADATA_KEY, target) : undefined;
}
