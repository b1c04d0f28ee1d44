import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it, jest } from '@jest/globals';

import { describeClient, findProgram, programOf } from '../support/client-tools.js';
import { digestTree, writeSeeded } from '../support/fixtures.js';
import { asOptions, sshSettings } from '../support/openssh-client.js';
import { runOk } from '../support/run-program.js';
import { digestStored } from '../support/storage-probe.js';

jest.setTimeout(60_000);

const sftp = findProgram('sftp');

const SIZE = 3 * 1024 * 1024 + 7;

describeClient('OpenSSH sftp through every cipher, with new keys all the time', [sftp], (suite) => {
  it.each([
    { cipher: 'aes128-gcm@openssh.com' },
    { cipher: 'aes256-gcm@openssh.com' },
    { cipher: 'chacha20-poly1305@openssh.com' },
    { cipher: 'aes128-ctr', mac: 'hmac-sha2-256-etm@openssh.com' },
    { cipher: 'aes256-ctr', mac: 'hmac-sha2-512-etm@openssh.com' },
    { cipher: 'aes192-ctr', mac: 'hmac-sha2-256' },
    { cipher: 'aes256-ctr', mac: 'hmac-sha2-512' },
  ])('stores and gives back every byte: $cipher $mac', async ({ cipher, mac }) => {
    const { local, remote } = await suite.workspace();
    const { target } = suite;
    for (const directory of ['from', 'back']) await mkdir(join(local, directory));
    await writeSeeded(join(local, 'from', 'large'), SIZE, 1);
    await writeSeeded(join(local, 'from', 'small'), 1, 2);
    const expected = await digestTree(join(local, 'from'));
    const settings = [
      ...sshSettings(target),
      `Ciphers=${cipher}`,
      ...(mac === undefined ? [] : [`MACs=${mac}`]),
      // Several key exchanges while the large file goes one way.
      'RekeyLimit=512K',
    ];
    const lines = [
      ...['large', 'small'].map((name) => `put from/${name} ${remote}/${name}`),
      ...['large', 'small'].map((name) => `get ${remote}/${name} back/${name}`),
    ];
    await runOk(
      programOf(sftp),
      [...asOptions(settings), '-b', '-', `${target.username}@${target.host}`],
      { home: target.home, cwd: local, input: `${lines.join('\n')}\n`, timeout: 45_000 },
    );
    expect(await digestStored(target.storage, remote)).toEqual(expected);
    expect(await digestTree(join(local, 'back'))).toEqual(expected);
  });
});
