import { describe, expect, it } from '@jest/globals';

import type { OperationMessage } from '../events/tracing-messages.js';
import { normalizePath } from '../filesystem/path.js';
import type { SftpSession } from '../filesystem/session.js';
import { SftpError } from '../filesystem/sftp-error.js';
import {
  downloadedLine,
  listeningLines,
  loggedInLine,
  notLoggedInLine,
  notUploadedLine,
  pathLine,
  refusedConnectionLine,
  refusedRequestLine,
  renamedLine,
  uploadedLine,
} from './event-lines.js';

const session: SftpSession = {
  id: 'c-1',
  username: 'me',
  peer: { address: '192.0.2.1', port: 4000, ident: 'x' },
  attributes: { secret: 's' },
};
const path = normalizePath('/a\u202e.txt');
const of = { session, backend: 'files' };
const transfer = { ...of, path, transferId: 't' };
const who = { session: 'c-1', user: 'me' };

describe('the line of', () => {
  it('a server that listens', () => {
    const key = { type: 'ssh-ed25519', fingerprint: 'SHA256:x', privateKey: 'secret' };
    expect(listeningLines({ address: '::1', port: 22 }, [key])).toEqual({
      text: 'SFTP server listening on [::1]:22',
      more: ['Host key ssh-ed25519 SHA256:x'],
      record: {
        event: 'server.listening',
        address: '::1',
        port: 22,
        hostKeys: [{ type: 'ssh-ed25519', fingerprint: 'SHA256:x' }],
      },
    });
  });

  it('a log-in', () => {
    expect(loggedInLine({ session })).toEqual({
      text: '"me" logged in from 192.0.2.1',
      record: { event: 'session.opened', ...who, address: '192.0.2.1', port: 4000 },
    });
  });

  it('a log-in that has failed, whatever the client calls its method', () => {
    const event = { connectionId: 'c-1', address: '192.0.2.1', port: 4000, username: 'me' };
    expect(notLoggedInLine({ ...event, method: 'password', failures: 1 })).toEqual({
      text: '"me" was refused from 192.0.2.1 by password',
      record: {
        event: 'auth.failed',
        ...who,
        address: '192.0.2.1',
        port: 4000,
        method: 'password',
        failures: 1,
      },
    });
    expect(notLoggedInLine({ ...event, method: 'a b', failures: 2 }).text).toContain('by "a b"');
  });

  it('a connection that was refused', () => {
    const event = { connectionId: undefined, address: '192.0.2.1', port: 4000 };
    const refused = { ...event, username: undefined, reason: 'maxSessions' } as const;
    expect(refusedConnectionLine(refused).text).toBe(
      'A connection from 192.0.2.1 was refused or ended: maxSessions',
    );
    expect(refusedConnectionLine({ ...refused, username: 'me' }).text).toContain(' of "me" from ');
  });

  it('an upload', () => {
    const event = { ...transfer, bytes: 5, size: 7, duration: 3, digest: undefined };
    expect(uploadedLine(event)).toEqual({
      text: '"me" uploaded "/a\\u202e.txt" (5 bytes)',
      record: { event: 'upload.completed', ...who, path, bytes: 5, size: 7, duration: 3 },
    });
  });

  it('an upload that has come to nothing', () => {
    const event = { ...transfer, bytes: 5, duration: 3, error: undefined };
    expect(notUploadedLine({ ...event, reason: 'disconnected' })).toEqual({
      text: '"me" did not finish "/a\\u202e.txt" (5 bytes; disconnected)',
      record: {
        event: 'upload.aborted',
        ...who,
        path,
        bytes: 5,
        duration: 3,
        reason: 'disconnected',
        error: undefined,
      },
    });
    const error = new Error('full');
    expect(notUploadedLine({ ...event, reason: 'write', error })).toMatchObject({
      text: expect.stringContaining('(5 bytes; write: full)'),
      record: { error: 'full' },
    });
  });

  it('a download', () => {
    expect(downloadedLine({ ...transfer, bytes: 5, duration: 3 })).toEqual({
      text: '"me" downloaded "/a\\u202e.txt" (5 bytes)',
      record: { event: 'download.completed', ...who, path, bytes: 5, duration: 3 },
    });
  });

  it.each([
    ['file.removed', '"me" removed "/d"'],
    ['directory.created', '"me" made the directory "/d"'],
    ['directory.removed', '"me" removed the directory "/d"'],
  ] as const)('%s', (name, text) => {
    expect(pathLine(name, { ...of, path: normalizePath('/d') })).toEqual({
      text,
      record: { event: name, ...who, path: '/d' },
    });
  });

  it('a new name', () => {
    const event = { ...of, from: normalizePath('/a'), to: normalizePath('/b'), overwrite: true };
    expect(renamedLine(event)).toEqual({
      text: '"me" renamed "/a" to "/b"',
      record: { event: 'file.renamed', ...who, from: '/a', to: '/b' },
    });
  });
});

describe('the line of a request', () => {
  const message: OperationMessage = {
    connectionId: 'c-1',
    session,
    operation: 'open',
    path: normalizePath('/a'),
    to: undefined,
    bytes: 0,
    duration: 1,
    error: new SftpError('EACCES'),
  };

  it('that was refused', () => {
    expect(refusedRequestLine(message)).toEqual({
      text: '"me" was refused to open "/a": EACCES',
      record: {
        event: 'request.refused',
        ...who,
        operation: 'open',
        path: '/a',
        to: undefined,
        code: 'EACCES',
      },
    });
    const renamed = { ...message, operation: 'posix-rename@openssh.com', to: normalizePath('/b') };
    expect(refusedRequestLine(renamed)?.text).toBe(
      '"me" was refused to rename "/a" to "/b": EACCES',
    );
    expect(refusedRequestLine({ ...message, path: undefined })?.text).toMatch(/to open: EACCES$/);
  });

  it('that has succeeded or failed otherwise is none', () => {
    expect(refusedRequestLine({ ...message, error: undefined })).toBeUndefined();
    expect(refusedRequestLine({ ...message, error: new SftpError('ENOENT') })).toBeUndefined();
  });
});
