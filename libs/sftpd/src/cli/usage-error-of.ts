import type { CommanderError } from 'commander';

import { UsageError } from './errors.js';

const PASSWORD_IS_NO_OPTION =
  '--password is no option, for everybody on this machine could read it in the list of processes: use ' +
  '--password-file FILE or the variable SFTP_PASSWORD, or leave all of them out to be asked for it';
const COMMAND_IS_MISSING =
  'a command is missing: serve, check, hash-password or host-keys (nestjs-sftpd --help tells what they do)';

/**
 * What commander has to say about a command line, in one line that never holds the value of an option it does not know,
 * as that may be a password.
 */
export function usageErrorOf(error: CommanderError): UsageError {
  if (error.code === 'commander.help') return new UsageError(COMMAND_IS_MISSING);
  const said = error.message
    .replace(/^error: /, '')
    .replaceAll(/\s*\n\s*/g, ' ')
    .replace(/^(unknown option '-[^=']*)=.*?'(?=$| \(Did you mean)/, "$1'");
  if (said.startsWith("unknown option '--password'")) return new UsageError(PASSWORD_IS_NO_OPTION);
  return new UsageError(`${said} (--help lists what there is)`);
}
