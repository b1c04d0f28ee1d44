import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  type AuthenticationResult,
  type KeyboardInteractiveDialogue,
  decodeAuthorizedKey,
  PartialSuccess,
  Refusal,
  type SftpAuthenticator,
  type SftpPublicKey,
} from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';

import { BackendProbe } from '../support/backend-probe.js';
import {
  type ClientState,
  findProgram,
  findPythonWith,
  programOf,
  whereUsable,
} from '../support/client-tools.js';
import { asOptions } from '../support/openssh-client.js';
import { runFailing, runOk, type RunResult } from '../support/run-program.js';
import type { SftpTarget } from '../support/sftp-target.js';
import { startBackendServer } from '../support/test-server.js';

jest.setTimeout(60_000);

const sftp = findProgram('sftp');
const sshpass = findProgram('sshpass');
const python = findPythonWith('paramiko');
const psftp = findProgram('psftp');
const puttygen = findProgram('puttygen');
const CODE = '123456';

/** A key first, then a one-time code; users whose names begin with `code` need the code alone. */
class TwoFactors implements SftpAuthenticator {
  readonly asked: string[] = [];
  key: Buffer | undefined;

  authorizePublicKey(username: string, key: SftpPublicKey): AuthenticationResult {
    const right = this.key?.equals(key.data) === true;
    this.asked.push(right ? 'key' : 'another key');
    if (!right || username.startsWith('code')) return new Refusal('not the key');
    return username.startsWith('key') || new PartialSuccess(['keyboard-interactive']);
  }

  async keyboardInteractive(
    username: string,
    dialogue: KeyboardInteractiveDialogue,
    _peer: unknown,
    { succeeded }: { succeeded: readonly string[] },
  ): Promise<AuthenticationResult> {
    if (!username.startsWith('code') && succeeded.length === 0) return new Refusal('the key first');
    const [code] = await dialogue.ask({
      name: 'One-time code',
      instruction: 'Look at your device.',
      prompts: [{ prompt: 'Code: ' }],
    });
    this.asked.push(`code after ${succeeded.join() || 'nothing'}`);
    return code === CODE;
  }
}

const auth = new TwoFactors();
let target: SftpTarget;

beforeAll(async () => {
  const backend = new MemoryBackend();
  target = await startBackendServer(backend, new BackendProbe(backend), { auth });
  auth.key = decodeAuthorizedKey(await readFile(`${target.keyFile}.pub`, 'utf8'))?.data;
  for (const [name, answer] of [
    ['right', CODE],
    ['wrong', '654321'],
  ]) {
    const file = join(target.home, `askpass-${name}`);
    await writeFile(file, `#!/bin/sh\necho ${answer}\n`);
    await chmod(file, 0o700);
  }
});

beforeEach(() => {
  auth.asked.length = 0;
});

afterAll(() => target.stop());

/** Declares tests of a client, or says why they are skipped. */
function withClient(client: string, needs: readonly ClientState[], tests: () => void): void {
  whereUsable(client, needs, (reasonToSkip) => {
    if (reasonToSkip === undefined) describe(client, tests);
    else describe.skip(`${client} (skipped: ${reasonToSkip})`, tests);
  });
}

/** Settings of OpenSSH's programs, as a user has them who is asked things. */
function settings(...more: readonly string[]): string[] {
  return asOptions([
    ...more,
    `Port=${target.port}`,
    `UserKnownHostsFile=${target.knownHosts}`,
    'GlobalKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=yes',
    'ConnectTimeout=10',
    'BatchMode=no',
  ]);
}

const withKey = (): string[] => [`IdentityFile=${target.keyFile}`, 'IdentitiesOnly=yes'];

withClient("OpenSSH's sftp", [sftp], () => {
  const use = (
    username: string,
    askpass: 'right' | 'wrong',
    options: readonly string[],
    how = runOk,
    env: Readonly<Record<string, string>> = {},
  ): Promise<RunResult> =>
    how(programOf(sftp), [...options, '-b', '-', `${username}@${target.host}`], {
      home: target.home,
      input: 'pwd\n',
      env: {
        SSH_ASKPASS: join(target.home, `askpass-${askpass}`),
        SSH_ASKPASS_REQUIRE: 'force',
        ...env,
      },
    });

  it('logs in by keyboard-interactive alone', async () => {
    const { stdout } = await use(
      'code',
      'right',
      settings('PreferredAuthentications=keyboard-interactive'),
    );
    expect(stdout).toContain('Remote working directory: /');
    expect(auth.asked).toEqual(['code after nothing']);
  });

  it('logs in by key and code', async () => {
    const { stdout } = await use('ann', 'right', settings(...withKey()));
    expect(stdout).toContain('Remote working directory: /');
    expect(auth.asked).toEqual(['key', 'code after publickey']);
  });

  it('does not log in by key and a wrong code', async () => {
    const { stderr } = await use('ann', 'wrong', settings(...withKey()), runFailing);
    expect(stderr).toMatch(/Permission denied \(keyboard-interactive\)/);
    expect(auth.asked).toEqual(['key', ...Array.from({ length: 3 }, () => 'code after publickey')]);
  });

  describe('with a certificate', () => {
    const certificate = (): string => join(target.home, 'client-key-cert.pub');

    beforeAll(async () => {
      const { home, keyFile } = target;
      const ca = join(home, 'ca');
      await runOk('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', ca], { home });
      const sign = ['-q', '-s', ca, '-I', 'someone', '-n', 'key', `${keyFile}.pub`];
      await runOk('ssh-keygen', sign, { home });
    });

    it('is refused it, and goes on to its plain key at no cost', async () => {
      const log = settings('LogLevel=DEBUG1', `CertificateFile=${certificate()}`, ...withKey());
      const { stdout, stderr } = await use('key', 'right', log);
      expect(stderr).toMatch(/Offering public key: .*CERT/);
      expect(stderr).toMatch(/Authenticated to \S+ .*using "publickey"/);
      expect(stdout).toContain('Remote working directory: /');
      expect(auth.asked).toEqual(['key']);
    });
  });

  describe('with an agent that has ten keys, the right one the last', () => {
    let agent: { readonly SSH_AUTH_SOCK: string; readonly pid: number };

    beforeAll(async () => {
      const { home, keyFile } = target;
      const socket = join(home, 'agent');
      const { stdout } = await runOk('ssh-agent', ['-a', socket], { home });
      agent = { SSH_AUTH_SOCK: socket, pid: Number(/SSH_AGENT_PID=(\d+)/.exec(stdout)?.[1]) };
      const env = { SSH_AUTH_SOCK: socket };
      for (let n = 1; n < 10; n += 1) {
        const file = join(home, `agent-key-${n}`);
        await runOk('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file], { home });
        await runOk('ssh-add', ['-q', file], { home, env });
      }
      await runOk('ssh-add', ['-q', keyFile], { home, env });
    });

    afterAll(() => {
      process.kill(agent.pid);
    });

    it('is told that it has failed too often, as by any server', async () => {
      const env = { SSH_AUTH_SOCK: agent.SSH_AUTH_SOCK };
      const only = settings('PreferredAuthentications=publickey', 'IdentityFile=none');
      const { stderr } = await use('key', 'right', only, runFailing, env);
      expect(stderr).toMatch(/Received disconnect|Connection closed|Permission denied/);
      expect(auth.asked).toEqual(Array.from({ length: 6 }, () => 'another key'));
    });

    it('logs in when it is told which key to use', async () => {
      const env = { SSH_AUTH_SOCK: agent.SSH_AUTH_SOCK };
      const one = settings(`IdentityFile=${target.keyFile}.pub`, 'IdentitiesOnly=yes');
      const { stdout } = await use('key', 'right', one, runOk, env);
      expect(stdout).toContain('Remote working directory: /');
      expect(auth.asked).toEqual(['key']);
    });
  });
});

withClient('sshpass', [sshpass, sftp], () => {
  it('types the code', async () => {
    const command = [programOf(sftp), ...settings(...withKey()), '-b', '-', `ann@${target.host}`];
    const { stdout } = await runOk(programOf(sshpass), ['-P', 'Code', '-p', CODE, ...command], {
      home: target.home,
      input: 'pwd\n',
    });
    expect(stdout).toContain('Remote working directory: /');
    expect(auth.asked).toEqual(['key', 'code after publickey']);
  });
});

withClient('paramiko', [python], () => {
  const script = `
import os, paramiko, sys
transport = paramiko.Transport((os.environ["CHECK_HOST"], int(os.environ["CHECK_PORT"])))
transport.start_client(timeout=10)
key = paramiko.Ed25519Key.from_private_key_file(os.environ["CHECK_KEY"])
print(transport.auth_publickey("ann", key))
def answer(title, instructions, prompts):
    print(title, instructions, prompts)
    return [sys.argv[1] for _ in prompts]
try:
    print(transport.auth_interactive("ann", answer))
    print(paramiko.SFTPClient.from_transport(transport).normalize("."))
except paramiko.AuthenticationException as error:
    print("refused")
finally:
    transport.close()
`;

  it.each([
    [CODE, ['[]', '/']],
    ['654321', ['refused']],
  ])('by key, then the code %s', async (code, last) => {
    const { stdout } = await runOk(programOf(python), ['-c', script, code], {
      home: target.home,
      env: {
        CHECK_HOST: target.host,
        CHECK_PORT: String(target.port),
        CHECK_KEY: target.keyFile,
      },
    });
    expect(stdout.trim().split('\n')).toEqual([
      "['keyboard-interactive']",
      "One-time code Look at your device. [('Code: ', False)]",
      ...last,
    ]);
    expect(auth.asked).toEqual(['key', 'code after publickey']);
  });
});

withClient('psftp', [psftp, puttygen], () => {
  it('logs in by key and code', async () => {
    const { home, keyFile, fingerprints } = target;
    await runOk(programOf(puttygen), [keyFile, '-o', `${keyFile}.ppk`], { home });
    const { stdout } = await runOk(
      programOf(psftp),
      [
        ...['-P', String(target.port), '-i', `${keyFile}.ppk`, '-pw', CODE],
        ...fingerprints.flatMap((fingerprint) => ['-hostkey', fingerprint]),
        `ann@${target.host}`,
      ],
      { home, input: 'pwd\nquit\n' },
    );
    expect(stdout).toContain('Remote directory is /');
    expect(auth.asked).toEqual(['key', 'code after publickey']);
  });
});
