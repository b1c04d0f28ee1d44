import { describe, expect, it } from '@jest/globals';

import type { SftpBackend } from '../filesystem/backend.js';
import type { FileInfo, FileType } from '../filesystem/file-info.js';
import { POSIX_ERRORS, type PosixErrorCode, SftpError } from '../filesystem/sftp-error.js';
import { StatusCode } from '../protocol/constants.js';
import { EXTENSION_VERSIONS } from '../protocol/extensions.js';
import { extensionsOf } from './capabilities.js';
import { clientPath } from './client-path.js';
import { clientQuirks } from './client-quirks.js';
import { statusOfError } from './status-of-error.js';
import { modeOf, toAttributeChanges, toWireAttributes } from './wire-attributes.js';

const FILE: FileInfo = { type: 'regular', size: 1 };

describe('clientQuirks', () => {
  const LARGE = { maxDataLength: Infinity, maxPacketLength: Infinity };
  const SMALL = { maxDataLength: 32_768, maxPacketLength: 34_000 };

  it.each([
    { ident: 'OpenSSH_5.3', inOrderReplies: true, limits: LARGE },
    { ident: 'OpenSSH_7.9p1 Debian-10+deb10u2', inOrderReplies: true, limits: LARGE },
    { ident: 'OpenSSH_8.0', inOrderReplies: true, limits: SMALL },
    { ident: 'OpenSSH_8.9p1 Ubuntu-3ubuntu0.10', inOrderReplies: true, limits: SMALL },
    { ident: 'OpenSSH_9.0', inOrderReplies: true, limits: SMALL },
    { ident: 'OpenSSH_9.1', inOrderReplies: true, limits: SMALL },
    { ident: 'OpenSSH_9.2p1 Debian-2+deb12u3', inOrderReplies: true, limits: LARGE },
    { ident: 'OpenSSH_9.3', inOrderReplies: true, limits: LARGE },
    { ident: 'OpenSSH_9.4', inOrderReplies: false, limits: LARGE },
    { ident: 'OpenSSH_9.10', inOrderReplies: false, limits: LARGE },
    { ident: 'OpenSSH_10.0', inOrderReplies: false, limits: LARGE },
    { ident: 'OpenSSH_10.2p1', inOrderReplies: false, limits: LARGE },
    { ident: 'OpenSSH_for_Windows_9.5', inOrderReplies: false, limits: LARGE },
    { ident: 'OpenSSH_for_Windows_8.1', inOrderReplies: true, limits: SMALL },
    { ident: 'WS_FTP-12.3-2009.0', inOrderReplies: true, limits: LARGE },
    { ident: 'ws_ftp_8', inOrderReplies: true, limits: LARGE },
    { ident: 'FileZilla_3.67.0', inOrderReplies: false, limits: LARGE },
    { ident: 'WinSCP_release_6.3', inOrderReplies: false, limits: LARGE },
    { ident: 'not OpenSSH_8.0', inOrderReplies: false, limits: LARGE },
    { ident: '', inOrderReplies: false, limits: LARGE },
  ])('treats "$ident" as it needs', ({ ident, inOrderReplies, limits }) => {
    expect(clientQuirks(ident)).toEqual({
      inOrderReplies,
      ...limits,
      slowedByBacklog: ident.startsWith('OpenSSH_'),
    });
  });
});

describe('statusOfError', () => {
  const OWN: Partial<Record<PosixErrorCode, StatusCode>> = {
    ENOENT: StatusCode.NO_SUCH_FILE,
    ENOTDIR: StatusCode.NO_SUCH_FILE,
    ELOOP: StatusCode.NO_SUCH_FILE,
    EACCES: StatusCode.PERMISSION_DENIED,
    EPERM: StatusCode.PERMISSION_DENIED,
    EROFS: StatusCode.PERMISSION_DENIED,
    ENOTSUP: StatusCode.OP_UNSUPPORTED,
  };

  it.each(Object.keys(POSIX_ERRORS) as PosixErrorCode[])('has a status for %s', (code) => {
    expect(statusOfError(new SftpError(code))).toBe(OWN[code] ?? StatusCode.FAILURE);
  });
});

describe('wire attributes', () => {
  it.each([
    ['regular', 0o100644],
    ['directory', 0o040755],
    ['symlink', 0o120777],
    ['block-device', 0o060644],
    ['character-device', 0o020644],
    ['fifo', 0o010644],
    ['socket', 0o140644],
  ] satisfies [FileType, number][])('has a mode for a %s', (type, mode) => {
    expect(modeOf({ type, size: 0 })).toBe(mode);
    expect(modeOf({ type, size: 0, mode: 0 })).toBe(mode & 0o170000);
    expect(modeOf({ type, size: 0, mode: 0o7777 })).toBe((mode & 0o170000) | 0o7777);
  });

  it('never takes a file type from the permission bits', () => {
    expect(modeOf({ ...FILE, mode: 0o040755 })).toBe(0o100755);
    expect(modeOf({ ...FILE, mode: -1 })).toBe(0o107777);
  });

  it.each([
    { size: 0, wire: 0 },
    { size: Number.MAX_SAFE_INTEGER, wire: Number.MAX_SAFE_INTEGER },
    { size: 2 ** 60, wire: Number.MAX_SAFE_INTEGER },
    { size: Infinity, wire: Number.MAX_SAFE_INTEGER },
    { size: -1, wire: 0 },
    { size: NaN, wire: 0 },
    { size: 1.9, wire: 1 },
  ])('shows the size $size as $wire', ({ size, wire }) => {
    expect(toWireAttributes({ ...FILE, size }).size).toBe(wire);
  });

  it.each([
    { info: {}, owner: undefined },
    { info: { uid: 5 }, owner: { uid: 5, gid: 0 } },
    { info: { gid: 6 }, owner: { uid: 0, gid: 6 } },
    { info: { uid: 0xffffffff, gid: 2 ** 32 }, owner: { uid: 0xffffffff, gid: 0xffffffff } },
    { info: { uid: -2, gid: NaN }, owner: { uid: 0, gid: 0 } },
  ])('shows the owner of $info as $owner', ({ info, owner }) => {
    expect(toWireAttributes({ ...FILE, ...info }).owner).toEqual(owner);
  });

  it.each([
    ['1970-01-01T00:00:00.999Z', 0],
    ['1969-12-31T23:59:59Z', 0],
    ['1901-01-01T00:00:00Z', 0],
    ['2026-01-02T03:04:05.999Z', 1_767_323_045],
    ['2106-02-07T06:28:15Z', 0xffffffff],
    ['2106-02-07T06:28:16Z', 0xffffffff],
    ['9999-01-01T00:00:00Z', 0xffffffff],
    ['no date at all', 0],
  ])('shows the time %s as %i', (date, seconds) => {
    const modifiedAt = new Date(date);
    expect(toWireAttributes({ ...FILE, modifiedAt }).times).toEqual({
      accessed: seconds,
      modified: seconds,
    });
  });

  it('shows both times where both are known, and none without a time of change', () => {
    const [accessedAt, modifiedAt] = [new Date(7000), new Date(9000)];
    expect(toWireAttributes({ ...FILE, accessedAt, modifiedAt }).times).toEqual({
      accessed: 7,
      modified: 9,
    });
    expect(toWireAttributes({ ...FILE, accessedAt })).not.toHaveProperty('times');
  });

  it('asks for what the client named and nothing else', () => {
    expect(toAttributeChanges({})).toEqual({});
    expect(
      toAttributeChanges({
        size: 0,
        owner: { uid: 1, gid: 2 },
        permissions: 0o104755,
        times: { accessed: 0, modified: 0xffffffff },
      }),
    ).toEqual({
      size: 0,
      uid: 1,
      gid: 2,
      mode: 0o4755,
      accessedAt: new Date(0),
      modifiedAt: new Date('2106-02-07T06:28:15Z'),
    });
  });
});

describe('clientPath', () => {
  const LIMITS = { maxPathBytes: 4096, maxNameBytes: 255 };
  const NAME = 'x'.repeat(255);
  /** Sixteen names of 255 bytes, each behind a slash: exactly the limit. */
  const LONGEST = `/${NAME}`.repeat(16);

  it.each([
    ['', '/'],
    ['.', '/'],
    ['a/../b', '/b'],
    [NAME, `/${NAME}`],
    [`${NAME}/${'ü'.repeat(127)}n/..`, `/${NAME}`],
    [LONGEST, LONGEST],
  ])('takes %j', (text, path) => {
    expect(clientPath(text, LIMITS)).toBe(path);
  });

  it.each([
    [`${NAME}x`, 'ENAMETOOLONG'],
    [`/a/${NAME}x/../b`, 'ENAMETOOLONG'],
    ['ü'.repeat(128), 'ENAMETOOLONG'],
    [`${LONGEST}/`, 'ENAMETOOLONG'],
    [`/${'ü'.repeat(127)}`.repeat(17), 'ENAMETOOLONG'],
    ['a\0b', 'EINVAL'],
  ])('refuses %j', (text, code) => {
    expect(() => clientPath(text, LIMITS)).toThrow(expect.objectContaining({ code }));
  });
});

describe('extensionsOf', () => {
  const refuse = (): never => {
    throw new SftpError('ENOTSUP');
  };
  const LEAST: SftpBackend = {
    listDir: refuse,
    fileInfo: refuse,
    openFile: refuse,
    makeDir: refuse,
    delDir: refuse,
    delete: refuse,
    rename: refuse,
  };
  const ALWAYS = [
    'copy-data',
    'expand-path@openssh.com',
    'home-directory',
    'limits@openssh.com',
    'posix-rename@openssh.com',
  ];

  it.each<[string, Partial<SftpBackend>, string[]]>([
    ['nothing', {}, []],
    ['statVfs', { statVfs: refuse }, ['statvfs@openssh.com', 'fstatvfs@openssh.com']],
    ['hardLink', { hardLink: refuse }, ['hardlink@openssh.com']],
    ['supportsSync', { supportsSync: true }, ['fsync@openssh.com']],
    ['supportsSync: false', { supportsSync: false }, []],
    ['setLinkAttributes', { setLinkAttributes: refuse }, ['lsetstat@openssh.com']],
    ['copy', { copy: refuse }, ['copy-file']],
    ['ownerNames', { ownerNames: refuse }, ['users-groups-by-id@openssh.com']],
  ])('offers what a backend with %s can do', (_what, more, names) => {
    expect([...extensionsOf({ ...LEAST, ...more })].sort()).toEqual([...ALWAYS, ...names].sort());
  });

  it('offers every extension for a backend that can do everything', () => {
    const backend = {
      ...LEAST,
      supportsSync: true,
      statVfs: refuse,
      hardLink: refuse,
      setLinkAttributes: refuse,
      copy: refuse,
      ownerNames: refuse,
    };
    expect([...extensionsOf(backend)].sort()).toEqual(Object.keys(EXTENSION_VERSIONS).sort());
  });
});
