import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeAuthorizedKey, fingerprint } from 'nestjs-sftpd';

import { findProgram } from '../support/client-tools.js';
import { type RawServer, startRawServer } from '../support/raw-server.js';
import { run, runOk } from '../support/run-program.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';

/** What `ssh-keygen -t ... -b ...` makes. */
const KINDS = {
  ed25519: ['-t', 'ed25519'],
  rsa: ['-t', 'rsa', '-b', '2048'],
  'ecdsa-256': ['-t', 'ecdsa', '-b', '256'],
  'ecdsa-384': ['-t', 'ecdsa', '-b', '384'],
  'ecdsa-521': ['-t', 'ecdsa', '-b', '521'],
} as const;

const withOpenSsh =
  findProgram('ssh').usable && findProgram('ssh-keygen').usable ? describe : describe.skip;

withOpenSsh('keys that ssh-keygen has made', () => {
  let home: TempDir;
  const lines = new Map<string, string>();
  const servers: RawServer[] = [];

  beforeAll(async () => {
    home = await makeTempDir();
    for (const [name, kind] of Object.entries(KINDS)) {
      const file = join(home.path, name);
      const args = ['-q', '-N', '', '-C', `${name}, "made" for a test`, '-f', file, ...kind];
      await runOk('ssh-keygen', args, { home: home.path });
      lines.set(name, await readFile(`${file}.pub`, 'utf8'));
    }
  });

  afterAll(async () => {
    for (const server of servers) await server.stop();
    await home.remove();
  });

  /** A server whose user `dev` has these lines of an `authorized_keys` file. */
  async function serverWith(...authorizedKeys: readonly string[]): Promise<RawServer> {
    const server = await startRawServer({
      options: { auth: { passwords: [{ username: 'dev', authorizedKeys }] } },
    });
    servers.push(server);
    return server;
  }

  /** Whether OpenSSH's client logs in with a key. */
  async function logsIn(server: RawServer, name: string): Promise<boolean> {
    const { stderr } = await run(
      'ssh',
      [
        ...['-F', 'none', '-v', '-p', String(server.port), '-i', join(home.path, name)],
        ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
        ...['-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-s', 'dev@127.0.0.1', 'sftp'],
      ],
      { home: home.path },
    );
    const welcome = stderr.includes('Authenticated to 127.0.0.1');
    if (!welcome) expect(stderr).toContain('Permission denied');
    return welcome;
  }

  it.each(Object.keys(KINDS))(
    'are read, and their fingerprints printed alike: %s',
    async (name) => {
      const key = decodeAuthorizedKey(lines.get(name) ?? '');
      expect(key?.comment).toBe(`${name}, "made" for a test`);
      for (const algorithm of ['sha256', 'md5'] as const) {
        const args = ['-l', '-E', algorithm, '-f', join(home.path, `${name}.pub`)];
        const { stdout } = await runOk('ssh-keygen', args, { home: home.path });
        expect(key && fingerprint(key, algorithm)).toBe(stdout.split(' ')[1]);
      }
    },
  );

  it('open the account, each of its kind', async () => {
    const server = await serverWith(...lines.values());
    for (const name of lines.keys())
      expect([name, await logsIn(server, name)]).toEqual([name, true]);
  });

  it('open it only as their options allow', async () => {
    const options = {
      ed25519: 'from="127.0.0.1",restrict,command="internal-sftp"',
      rsa: 'from="10.0.0.0/8"',
      'ecdsa-256': 'expiry-time="20200101"',
      'ecdsa-384': 'expiry-time="99990101",from="127.*,!127.0.0.2"',
      'ecdsa-521': 'from="127.0.0.0/8,!127.0.0.1"',
    };
    const server = await serverWith(
      ...Object.entries(options).map(([name, text]) => `${text} ${lines.get(name)}`),
    );
    const outcomes: Record<string, boolean> = {};
    for (const name of Object.keys(options)) outcomes[name] = await logsIn(server, name);
    expect(outcomes).toEqual({
      ed25519: true,
      rsa: false,
      'ecdsa-256': false,
      'ecdsa-384': true,
      'ecdsa-521': false,
    });
  });
});
