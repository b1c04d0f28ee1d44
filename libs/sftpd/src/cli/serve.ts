import { Logger } from '@nestjs/common';

import { nestLog } from '../nest/nest-log.js';
import { readUser } from './credentials.js';
import type { ExitCode } from './errors.js';
import { hiddenPrompt, isTerminal } from './hidden-prompt.js';
import { logOf } from './log-of.js';
import { makeBackend } from './make-backend.js';
import type { Output } from './output.js';
import { runServer } from './run-server.js';
import { ServeModule } from './serve-module.js';
import { servingHostKeys } from './serving-host-keys.js';
import { readSettings, type ServeFlags } from './settings.js';

/**
 * The command `serve`: serves until it is told to stop.
 *
 * @throws UsageError, CliError
 */
export async function serve(
  directory: string | undefined,
  flags: ServeFlags,
  output: Output,
): Promise<ExitCode> {
  const { env } = process;
  const settings = readSettings(directory, flags, env);
  const backend = await makeBackend(settings.storage, nestLog(new Logger('Storage')));
  const user = await readUser(settings, {
    env,
    terminal: isTerminal(),
    ask: hiddenPrompt,
    warn: (message) => {
      output.warn(message);
    },
  });
  const hostKeys = await servingHostKeys(settings, logOf(output));
  return runServer(ServeModule.for({ settings, user, hostKeys, backend, output }), output);
}
