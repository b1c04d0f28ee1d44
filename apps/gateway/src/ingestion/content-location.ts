import path from 'node:path';
import type { SessionAttributes, SftpPath, SftpSession } from 'nestjs-sftpd';
import type { Storage } from '../storage.js';
import type { ContentLocation } from './upload-job.js';

/**
 * Where a worker finds the file that a session sees under a path.
 *
 * @returns `null` when no other process can read it
 */
export function contentLocation(
  storage: Storage,
  file: SftpPath,
  session: Pick<SftpSession, 'attributes'>,
): ContentLocation | null {
  switch (storage.kind) {
    case 'memory':
      return null;
    case 'folder':
      return { kind: 'folder', root: path.resolve(storage.root), path: file };
    case 's3': {
      const prefix = prefixOf(storage.prefix, session);
      if (prefix === undefined) return null;
      const ended = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
      return { kind: 's3', bucket: storage.bucket, key: ended + file.slice(1) };
    }
  }
}

/** Those attributes of a session without which the storage would not show it its files. */
export function neededAttributes(
  storage: Storage,
  { attributes }: Pick<SftpSession, 'attributes'>,
): SessionAttributes {
  if (storage.kind !== 's3' || typeof storage.prefix === 'string') return {};
  const { sessionAttribute } = storage.prefix;
  return Object.hasOwn(attributes, sessionAttribute)
    ? { [sessionAttribute]: attributes[sessionAttribute] }
    : {};
}

function prefixOf(
  prefix: string | { readonly sessionAttribute: string },
  { attributes }: Pick<SftpSession, 'attributes'>,
): string | undefined {
  if (typeof prefix === 'string') return prefix;
  const { sessionAttribute } = prefix;
  const own = Object.hasOwn(attributes, sessionAttribute) ? attributes[sessionAttribute] : '';
  // The storage admits no session without one.
  return typeof own === 'string' && own !== '' ? own : undefined;
}
