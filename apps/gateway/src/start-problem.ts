import { messageOf } from './problems.js';

/** How messages of the library begin, and the variable that the operator of the gateway knows instead. */
const VARIABLES: readonly (readonly [RegExp, string])[] = [
  [/^port: /, 'SFTP_PORT: '],
  [/^host: /, 'SFTP_HOST: '],
  [/^hostKeys(\.directory)?: /, 'SFTP_HOST_KEY_DIR: '],
  [/^SftpModule cannot start: - auth\.passwords: /, 'SFTP_USERS_FILE: '],
  [/^FolderBackend: the option root /, 'SFTP_FOLDER_ROOT '],
];

/** Words of the S3 backend's messages, and what the operator calls the same. */
const S3_WORDS: readonly (readonly [RegExp, string])[] = [
  [/the option credentials, or /g, ''],
  [/createBucket: true/g, 'S3_CREATE_BUCKET=true'],
  [/\bthe option bucket\b/g, 'S3_BUCKET'],
  [/\bthe option prefix\b/g, 'S3_PREFIX'],
  [/\bthe option endpoint\b/g, 'S3_ENDPOINT'],
  [/\bthe option region\b/g, 'S3_REGION'],
];

/**
 * Why the application could not start, in one line and in the operator's terms: options of the library are
 * called by the variable that sets them.
 */
export function startProblem(error: unknown): string {
  const message = messageOf(error).replaceAll(/\s*\n\s*/g, ' ');
  const s3 = /^S3Backend: (.*)$/.exec(message)?.[1];
  if (s3 !== undefined) {
    return S3_WORDS.reduce((told, [words, called]) => told.replaceAll(words, called), s3);
  }
  const [option, variable] = VARIABLES.find(([start]) => start.test(message)) ?? [];
  return option && variable ? message.replace(option, variable) : message;
}
