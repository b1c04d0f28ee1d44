import { messageOf } from './problems.js';

/** How messages of the library begin, and the variable that the operator of the gateway knows instead. */
const VARIABLES: readonly (readonly [RegExp, string])[] = [
  [/^port: /, 'SFTP_PORT: '],
  [/^host: /, 'SFTP_HOST: '],
  [/^hostKeys(\.directory)?: /, 'SFTP_HOST_KEY_DIR: '],
  [/^FolderBackend: the option root /, 'SFTP_FOLDER_ROOT '],
];

/**
 * Why the application could not start, in one line and in the operator's terms: options of the library are
 * called by the variable that sets them.
 */
export function startProblem(error: unknown): string {
  const message = messageOf(error).replaceAll(/\s*\n\s*/g, ' ');
  const [option, variable] = VARIABLES.find(([start]) => start.test(message)) ?? [];
  return option && variable ? message.replace(option, variable) : message;
}
