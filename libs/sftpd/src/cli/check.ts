import { hostKeysCheck } from './check-host-keys.js';
import { type Check, storageChecks } from './check-storage.js';
import { passwordSource, readPasswordFile } from './credentials.js';
import { EXIT_CODES, type ExitCode, messageOf } from './errors.js';
import { isTerminal } from './hidden-prompt.js';
import { readKeyFile } from './key-file.js';
import { logOf } from './log-of.js';
import { makeBackend } from './make-backend.js';
import type { Output } from './output.js';
import { readSettings, type ServeFlags, type ServeSettings } from './settings.js';
import { inWordsOfTheCommandLine } from './start-problem.js';

/**
 * The command `check`: sees whether `serve` would work with the same options, in one line for each thing. Nothing
 * listens, and nobody is asked for a password.
 *
 * @returns 0 when all is well
 * @throws UsageError
 */
export async function check(
  directory: string | undefined,
  flags: ServeFlags,
  output: Output,
): Promise<ExitCode> {
  const settings = readSettings(directory, flags, process.env);
  const log = logOf(output);
  const backend = await makeBackend(settings.storage, log);
  const checks: readonly Check[] = [
    ...credentialChecks(settings, output),
    { name: 'host keys', run: () => hostKeysCheck(settings, log) },
    ...storageChecks(backend, settings),
  ];
  let failed = false;
  for (const { name, needs, run } of checks) {
    // Where the storage does not open, that its root cannot be listed is no news.
    if (needs?.() === false) continue;
    try {
      const detail = await run();
      output.line(`ok ${name}: ${detail}`, { check: name, ok: true, detail });
    } catch (error) {
      failed = true;
      const reason = inWordsOfTheCommandLine(error);
      output.log('error', messageOf(error), error instanceof Error ? error.stack : undefined);
      output.line(`failed ${name}: ${reason}`, { check: name, ok: false, reason });
    }
  }
  await backend.onApplicationShutdown?.();
  return failed ? EXIT_CODES.failed : EXIT_CODES.ok;
}

function credentialChecks(settings: ServeSettings, output: Output): Check[] {
  const warn = (message: string): void => {
    output.warn(message);
  };
  return [
    { name: 'log-in', run: () => logInCheck(settings, warn) },
    ...settings.authorizedKeys.map((file) => ({
      name: 'authorized keys',
      run: async () => {
        const { lines, warnings } = await readKeyFile(file);
        for (const warning of warnings) warn(warning);
        return `${file} has ${lines.length === 1 ? 'one key' : `${lines.length} keys`}`;
      },
    })),
  ];
}

async function logInCheck(
  settings: ServeSettings,
  warn: (message: string) => void,
): Promise<string> {
  const source = passwordSource(settings, { env: process.env, terminal: isTerminal() });
  switch (source.kind) {
    case 'file':
      await readPasswordFile(source.file, warn);
      return `${settings.user}, by the password of ${source.file}`;
    case 'environment':
      return `${settings.user}, by the password of SFTP_PASSWORD`;
    case 'prompt':
      return `${settings.user}, by a password that will be asked for`;
    case 'none':
      return `${settings.user}, by key alone`;
  }
}
