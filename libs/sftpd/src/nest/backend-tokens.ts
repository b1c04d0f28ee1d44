import type { FactoryProvider, InjectionToken, Provider } from '@nestjs/common';

import type { SftpBackend } from '../filesystem/backend.js';
import type { BackendLinks } from './backend-links.js';
import { BACKEND_LINKS, SFTP_BACKEND } from './tokens.js';

/**
 * The providers and tokens of the module that makes backends injectable everywhere. They grow with the names
 * that decorators and options use while classes are defined; Nest reads them when it has found all modules.
 */
export const linkProviders: Provider[] = [
  backendLink(SFTP_BACKEND, (links) => links.ofApplication()),
];
export const linkTokens: InjectionToken[] = [SFTP_BACKEND];

const names = new Set<string>();

/**
 * The token of a named backend: `@Inject(getSftpBackendToken('archive'))` is `@InjectSftpBackend('archive')`.
 *
 * @param name the `name` of the class's `@SftpBackend({ name })`, or its key in the option `backends`
 *
 * @publicApi
 */
export function getSftpBackendToken(name: string): string {
  const token = `SftpBackend:${name}`;
  if (!names.has(name)) {
    names.add(name);
    linkProviders.push(backendLink(token, (links) => links.named(name)));
    linkTokens.push(token);
  }
  return token;
}

/** A provider that stands for a backend which is provided elsewhere, as `useExisting` does within a module. */
function backendLink(
  token: InjectionToken,
  follow: (links: BackendLinks) => Promise<SftpBackend | undefined>,
): FactoryProvider<SftpBackend | undefined> {
  // The long form of `inject` keeps Nest from taking the first dependency of an alias for its target.
  return {
    provide: token,
    inject: [{ token: BACKEND_LINKS, optional: false }],
    useFactory: follow,
  };
}
