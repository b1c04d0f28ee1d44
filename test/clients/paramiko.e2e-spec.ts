import { readFileSync } from 'node:fs';
import { it, jest } from '@jest/globals';
import {
  describeClient,
  findPythonWith,
  itByPassword,
  programOf,
} from '../support/client-tools.js';
import { PARAMIKO_CHECKS, runParamikoCheck } from '../support/paramiko-client.js';
import { runFailing, type runOk } from '../support/run-program.js';

jest.setTimeout(60_000);

const python = findPythonWith('paramiko');

/** The checks of the script: each is a test of its own. */
const checks = [...readFileSync(PARAMIKO_CHECKS, 'utf8').matchAll(/^@check\ndef (\w+)/gm)].map(
  ([, name]) => name ?? '',
);

describeClient('paramiko', [python], (suite) => {
  const runCheck = async (
    name: string,
    login?: Readonly<Record<string, string>>,
    how?: typeof runOk,
  ): Promise<void> => {
    const workspace = await suite.workspace();
    await runParamikoCheck(programOf(python), suite.target, workspace, name, login, how);
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
