import type { SftpBackend } from '../../filesystem/backend.js';
import {
  CAPABILITIES,
  capabilitiesOf,
  type Capability,
  CONTENT_METHODS,
  type ContentMethod,
} from '../../filesystem/backend-methods.js';

/** What a backend leaves out; a declaration that is `false` is left out too. */
export function missingCapabilities(backend: Partial<SftpBackend>): Capability[] {
  const there = capabilitiesOf(backend);
  return CAPABILITIES.filter((name) => !there.includes(name));
}

/** The ways to a file's content that a backend has. */
export function contentMethodsOf(backend: Partial<SftpBackend>): ContentMethod[] {
  return CONTENT_METHODS.filter((name) => backend[name] !== undefined);
}
