import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it, jest } from '@jest/globals';
import {
  describeClient,
  findPythonWith,
  itByPassword,
  programOf,
} from '../support/client-tools.js';
import { runFailing, runOk } from '../support/run-program.js';

jest.setTimeout(60_000);

const python = findPythonWith('paramiko');
const script = join(import.meta.dirname, 'support/paramiko_checks.py');

/** The checks of the script: each is a test of its own. */
const checks = [...readFileSync(script, 'utf8').matchAll(/^@check\ndef (\w+)/gm)].map(
  ([, name]) => name ?? '',
);

describeClient('paramiko', [python], (suite) => {
  const runCheck = async (
    name: string,
    login: Readonly<Record<string, string>> = { CHECK_KEY: suite.target.keyFile },
    how: typeof runOk = runOk,
  ): Promise<void> => {
    const { local, remote } = await suite.workspace();
    const { host, port, username, knownHosts, home } = suite.target;
    await how(programOf(python), ['-B', script, name], {
      home,
      cwd: local,
      env: {
        CHECK_HOST: host,
        CHECK_PORT: String(port),
        CHECK_USER: username,
        CHECK_KNOWN_HOSTS: knownHosts,
        CHECK_LOCAL: local,
        CHECK_REMOTE: remote,
        ...login,
      },
    });
  };

  for (const name of checks) {
    // OpenSSH runs its one forced command instead.
    const beyond =
      suite.targetName === 'openssh' && name === 'a_command_is_refused_and_sftp_goes_on';
    (beyond ? it.skip : it)(name.replaceAll('_', ' '), () => runCheck(name));
  }

  itByPassword(suite, 'logs in by password, and not by a wrong one', async (password) => {
    await runCheck('logs_in', { CHECK_PASSWORD: 'wrong' }, runFailing);
    await runCheck('logs_in', { CHECK_PASSWORD: password });
  });
});
