import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';

import { keyData, PUBLIC_KEYS } from '../spec-support/public-keys.js';
import { decodeAuthorizedKey } from './authorized-key.js';
import { fingerprint, type FingerprintAlgorithm } from './fingerprint.js';

function hasSshKeygen(): boolean {
  try {
    execFileSync('ssh-keygen', ['-?'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT');
  }
}

/** What OpenSSH prints for a public key. */
function printed(line: string, algorithm: FingerprintAlgorithm): string | undefined {
  const folder = mkdtempSync(path.join(tmpdir(), 'fingerprint-'));
  try {
    const file = path.join(folder, 'key.pub');
    writeFileSync(file, `${line}\n`);
    const options = ['-l', '-E', algorithm, '-f', file];
    return execFileSync('ssh-keygen', options, { encoding: 'utf8' }).split(' ')[1];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('fingerprint', () => {
  it('is the hash of the key', () => {
    expect(fingerprint(Buffer.alloc(0))).toBe('SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU');
    expect(fingerprint(Buffer.alloc(0), 'md5')).toBe(
      'MD5:d4:1d:8c:d9:8f:00:b2:04:e9:80:09:98:ec:f8:42:7e',
    );
  });

  it('is that of a key as well as of its bytes', () => {
    const data = keyData(PUBLIC_KEYS['ssh-rsa']);
    const key = decodeAuthorizedKey(PUBLIC_KEYS['ssh-rsa']);
    expect(key && fingerprint(key)).toBe(fingerprint(data));
    expect(fingerprint({ data }, 'md5')).toBe(fingerprint(data, 'md5'));
  });

  const withOpenSsh = hasSshKeygen() ? it : it.skip;
  withOpenSsh.each(Object.entries(PUBLIC_KEYS))(
    'is what ssh-keygen prints for %s',
    (_type, line) => {
      for (const algorithm of ['sha256', 'md5'] as const) {
        expect(fingerprint(keyData(line), algorithm)).toBe(printed(line, algorithm));
      }
    },
  );
});
