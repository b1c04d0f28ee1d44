import { open } from 'node:fs/promises';

import { errorCode } from '../server/error-code.js';
import { CliError, messageOf } from './errors.js';

/** A small text file of the user's. */
export interface TextFile {
  readonly text: string;
  /** Whether others than its owner may read it; never of what is no regular file. */
  readonly isOpenToOthers: boolean;
}

const OTHERS_CAN_READ = 0o044;
/** More is not read: neither a password nor a list of keys is as long. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads a file that an option names.
 *
 * @param option how the message calls it
 * @throws CliError `credentials` when it cannot be read or has more than 1 MiB
 */
export async function readTextFile(option: string, file: string): Promise<TextFile> {
  try {
    const handle = await open(file);
    try {
      const stats = await handle.stat();
      if (stats.isDirectory()) throw new Error('it is a directory');
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of handle.createReadStream({ autoClose: false })) {
        chunks.push(chunk as Buffer);
        length += (chunk as Buffer).length;
        if (length > MAX_BYTES) throw new Error('it has more than 1 MiB');
      }
      const isOpenToOthers =
        process.platform !== 'win32' && stats.isFile() && (stats.mode & OTHERS_CAN_READ) !== 0;
      return { text: Buffer.concat(chunks).toString('utf8'), isOpenToOthers };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new CliError(
      'credentials',
      `${option} ${file} cannot be read (${errorCode(error) ?? messageOf(error)}): name a file that you may read`,
      { cause: error },
    );
  }
}

/**
 * The only line of a text, without its line break.
 *
 * @param what the text's name, for the message
 * @throws CliError `credentials` when it is empty or has several lines; the message never repeats it
 */
export function onlyLine(text: string, what: string): string {
  const line = text.replace(/\r?\n$/, '');
  if (line === '')
    throw new CliError('credentials', `${what} holds no password: write it in one line`);
  if (/[\r\n]/.test(line)) {
    throw new CliError(
      'credentials',
      `${what} has several lines: the password is to be the only one`,
    );
  }
  return line;
}
