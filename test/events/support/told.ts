import type { Recorded } from './recorder.js';

/** Who does things unless a story says otherwise. */
export const USUAL_USER = 'dev';

/** An event as one line of a story's table; what somebody else than the usual user does says so. */
export function told({ name, event }: Recorded): string {
  const by =
    'session' in event && event.session.username !== USUAL_USER
      ? ` by ${event.session.username}`
      : '';
  return `${name}${details({ name, event } as Recorded)}${by}`;
}

function details({ name, event }: Recorded): string {
  switch (name) {
    case 'upload.completed':
      return ` ${event.path} (${event.bytes} sent, ${event.size} stored)`;
    case 'upload.aborted':
      // Whether what could not be written counts as sent is left open.
      return event.reason === 'write'
        ? ` ${event.path} (write)`
        : ` ${event.path} (${event.reason}, ${event.bytes} sent)`;
    case 'download.completed':
      return ` ${event.path} (${event.bytes} sent)`;
    case 'file.renamed':
      return ` ${event.from} -> ${event.to}${event.overwrite ? ' (overwriting)' : ''}`;
    case 'upload.started':
    case 'file.removed':
    case 'directory.created':
    case 'directory.removed':
      return ` ${event.path}`;
    case 'connection.refused':
      return ` (${event.reason})`;
    case 'auth.failed':
      return ` ${event.username} (${event.method})`;
    default:
      return '';
  }
}
