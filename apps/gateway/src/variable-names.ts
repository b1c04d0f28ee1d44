/** Every variable that the gateway reads. */
export const VARIABLES = [
  'SFTP_HOST',
  'SFTP_PORT',
  'SFTP_USER',
  'SFTP_PASSWORD',
  'SFTP_USERS_FILE',
  'SFTP_AUTHORIZED_KEYS',
  'SFTP_HOST_KEY_DIR',
  'SFTP_BACKEND',
  'SFTP_FOLDER_ROOT',
  'SFTP_ATOMIC_UPLOADS',
  'S3_BUCKET',
  'S3_PREFIX',
  'S3_ENDPOINT',
  'S3_REGION',
  'S3_FORCE_PATH_STYLE',
  'S3_CREATE_BUCKET',
  'SFTP_TRUSTED_PROXIES',
  'SFTP_MAX_CONNECTIONS',
  'SFTP_MAX_CONNECTIONS_PER_IP',
  'SFTP_LOGIN_TIMEOUT',
  'SFTP_IDLE_TIMEOUT',
  'SFTP_DRAIN_TIMEOUT',
  'SFTP_WORKERS',
  'HTTP_PORT',
  'REDIS_URL',
  'SFTP_OUTBOX_DIR',
  'LOG_FORMAT',
  'LOG_LEVEL',
] as const;

/** The name of a variable that the gateway reads. */
export type VariableName = (typeof VARIABLES)[number];

/**
 * The known name that `name` is most likely a slip of.
 *
 * @param name an unknown name
 * @returns `undefined` when nothing is near: more than a third of the letters differ
 */
export function nearestName(name: string): string | undefined {
  let nearest: string | undefined;
  let best = Math.floor(name.length / 3) + 1;
  for (const known of VARIABLES) {
    const distance = editDistance(name, known);
    if (distance < best) [nearest, best] = [known, distance];
  }
  return nearest;
}

/** How many letters must be put in, taken out or replaced to make `b` of `a` (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let index = 0; index < a.length; index += 1) {
    const next = [index + 1];
    for (let column = 0; column < b.length; column += 1) {
      const replaced = (row[column] ?? 0) + (a[index] === b[column] ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
