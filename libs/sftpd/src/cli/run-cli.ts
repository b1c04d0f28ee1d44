import { CommanderError } from 'commander';

import { EXIT_CODES, type ExitCode, exitCodeOf } from './errors.js';
import { Output, type OutputStreams } from './output.js';
import { buildProgram } from './program.js';
import { usageErrorOf } from './usage-error-of.js';
import { version } from './version.js';

/**
 * Runs a command line to its end.
 *
 * @param args what stands behind the program's name
 * @returns the exit code; what went wrong has been told then
 */
export async function runCli(args: readonly string[], streams: OutputStreams): Promise<ExitCode> {
  // A command line that cannot be read has no options yet, and its error is wanted as JSON too.
  const style = { json: args.includes('--json'), verbose: args.includes('--verbose') };
  const output = new Output(streams, style);
  let code: ExitCode = EXIT_CODES.ok;
  const program = buildProgram({
    version: version(),
    write: (text) => streams.stdout.write(text),
    run: async (command) => {
      code = await command(output);
    },
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    // How commander ends after it has shown the help or the version.
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT_CODES.ok;
    const told = error instanceof CommanderError ? usageErrorOf(error) : error;
    output.fail(told);
    return exitCodeOf(told);
  }
}
