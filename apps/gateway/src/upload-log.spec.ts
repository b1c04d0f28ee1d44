import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { normalizePath, type SftpSession } from 'nestjs-sftpd';
import { UploadLog } from './upload-log.js';

const session: SftpSession = {
  id: 'ab12cd-7',
  username: 'anna',
  peer: { address: '192.0.2.1', port: 4000, ident: 'Test_1.0' },
  attributes: { secret: 'never told' },
};
const lines: string[] = [];

beforeEach(() => {
  for (const level of ['log', 'warn'] as const) {
    jest.spyOn(Logger.prototype, level).mockImplementation((message: unknown) => {
      lines.push(`${level} ${String(message)}`);
    });
  }
});

afterEach(() => {
  jest.restoreAllMocks();
  lines.length = 0;
});

function upload(path: string) {
  const backend = undefined;
  return { session, backend, path: normalizePath(path), transferId: 'ab12cd-7-1', duration: 12 };
}

describe('UploadLog', () => {
  it('tells of an upload that is stored, in one line with the id of its connection', () => {
    new UploadLog().completed({ ...upload('/a.csv'), bytes: 10, size: 10, digest: undefined });
    expect(lines).toEqual(['log [ab12cd-7] "anna" has uploaded "/a.csv": 10 bytes in 12 ms']);
  });

  it('tells how large a file is that was resumed', () => {
    new UploadLog().completed({ ...upload('/a.csv'), bytes: 10, size: 30, digest: undefined });
    expect(lines[0]).toContain('10 bytes of a file of 30 in 12 ms');
  });

  it('tells why an upload was aborted', () => {
    const error = new Error('No space left on device');
    new UploadLog().aborted({ ...upload('/a.csv'), bytes: 3, reason: 'write', error });
    expect(lines).toEqual([
      'warn [ab12cd-7] The upload of "/a.csv" by "anna" was aborted after 3 bytes and 12 ms (write): No space left on device',
    ]);
  });

  it('stays one line of harmless characters, whatever a file is called', () => {
    const path = '/a\n[ab12cd-8] "root" logged in\u009b2J\u202egpj.exe';
    const error = new Error('no\u001b[31m\r\nsuch');
    new UploadLog().completed({ ...upload(path), bytes: 1, size: 1, digest: undefined });
    new UploadLog().aborted({ ...upload(path), bytes: 1, reason: 'commit', error });
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(lines[0]).toContain('\\n[ab12cd-8]');
  });
});
