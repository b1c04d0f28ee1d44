import { CliError, messageOf } from './errors.js';

/** Words of the library's messages, and what the command line calls the same. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^(SftpModule cannot start:|FolderBackend:|S3Backend:) (- )?/, ''],
  [/^port: /, '--port: '],
  [/^host: /, '--host: '],
  [/^hostKeys(\.\w+)?: /, '--host-keys: '],
  [/^the option root \((.*?)\) /, 'DIRECTORY $1 '],
  [/, or set (hostKeys\.)?create(Bucket)?(: | to )true$/, ''],
  [/, or change algorithms$/, ', or give --legacy'],
  [/the option credentials, or /g, ''],
  [/\bthe option bucket\b/g, '--s3'],
  [/\bthe option prefix\b/g, '--s3-prefix'],
  [/\bthe option endpoint\b/g, '--s3-endpoint'],
  [/\bthe option region\b/g, '--s3-region'],
];

/** What went wrong, in one line, with the options called as the command line calls them. */
export function inWordsOfTheCommandLine(error: unknown): string {
  const message = messageOf(error).replaceAll(/\s*\n\s*/g, ' ');
  return WORDS.reduce((told, [words, called]) => told.replace(words, called), message);
}

/**
 * What has kept the server from starting, as it ends the command.
 *
 * @returns the error itself where it is told in the right words already
 */
export function startErrorOf(error: unknown): CliError {
  if (error instanceof CliError) return error;
  const isMissing = error instanceof Error && error.name.endsWith('PackagesMissingError');
  return new CliError(isMissing ? 'packages' : 'start', inWordsOfTheCommandLine(error), {
    cause: error,
  });
}
