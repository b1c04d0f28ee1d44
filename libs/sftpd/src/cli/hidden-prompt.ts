import { isatty } from 'node:tty';

import { CliError } from './errors.js';

/** Whether somebody sits at standard input who can be asked. */
export function isTerminal(): boolean {
  return isatty(0);
}

/**
 * Asks the terminal for a text that nobody sees. The question goes to standard error, as standard output may be read by
 * a program.
 *
 * @throws CliError `cancelled` when the user has pressed Ctrl+C or Ctrl+D
 */
export async function hiddenPrompt(question: string): Promise<string> {
  const { read } = await import('read');
  const input = process.stdin;
  let ended = (): void => undefined;
  // Where input ends, `read` never settles; all it does is to let go of its input.
  const end = new Promise<never>((_resolve, reject) => {
    ended = () => {
      setImmediate(() => {
        reject(new Error('the input has ended'));
      });
    };
  });
  input.once('pause', ended);
  try {
    // A terminal whatever standard error is: otherwise what is typed would be seen.
    const options = {
      prompt: question,
      silent: true,
      terminal: true,
      output: process.stderr,
      input,
    };
    return await Promise.race([read(options), end]);
  } catch (error) {
    throw new CliError('cancelled', 'cancelled: no password was given', { cause: error });
  } finally {
    input.off('pause', ended);
    process.stderr.write('\n');
  }
}
