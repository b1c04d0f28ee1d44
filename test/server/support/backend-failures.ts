import { SftpError } from 'nestjs-sftpd';

import type { LogLine } from '../../support/raw-server.js';
import type { StatusName } from '../../support/raw-wire.js';

/** What a client must never see: the words of an error that was not made for it. */
export const SECRET = '/srv/customers/4711';

/** A way in which any call of a backend can fail, and what the client and the log are to be told. */
export interface Failure {
  readonly title: string;
  /** What the call does. */
  readonly behave: () => unknown;
  readonly status: StatusName;
  /** What the client is told. */
  readonly message: string | RegExp;
  readonly level: LogLine['level'];
  /** What the log says besides the name of the request. */
  readonly logged: RegExp;
  /** Whether the server gives up waiting. @default false */
  readonly outlasts?: boolean;
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: something, open '${SECRET}'`), { code });
}

/** Throws a value that need not be an error. */
function throwValue(value: unknown): never {
  throw value;
}

/** Rejects with a value that need not be an error. */
function rejection(reason: unknown): Promise<never> {
  return new Promise((_resolve, reject) => {
    setImmediate(() => {
      (reject as (value: unknown) => void)(reason);
    });
  });
}

const UNFORESEEN = {
  status: 'FAILURE',
  message: 'Input/output error',
  level: 'error',
} as const;
const TOO_LATE = {
  status: 'FAILURE',
  message: /took longer than \d+ ms/,
  level: 'warn',
  logged: /took longer than \d+ ms/,
  outlasts: true,
} as const;

/** Every way to fail. */
export const FAILURES: readonly Failure[] = [
  {
    title: 'throws an SftpError',
    behave: () => {
      throw new SftpError('EDQUOT', 'The mailbox is full', { cause: systemError('EIO') });
    },
    status: 'FAILURE',
    message: 'The mailbox is full',
    level: 'debug',
    logged: /EDQUOT.* The mailbox is full|EDQUOT .*\(The mailbox is full\)/,
  },
  {
    title: 'rejects with an SftpError',
    behave: () => rejection(new SftpError('EACCES')),
    status: 'PERMISSION_DENIED',
    message: 'Permission denied',
    level: 'debug',
    logged: /EACCES/,
  },
  {
    title: 'throws an error of the system',
    behave: () => {
      throw systemError('EROFS');
    },
    status: 'PERMISSION_DENIED',
    message: 'Read-only file system',
    level: 'debug',
    logged: /EROFS/,
  },
  {
    title: 'rejects with an error of the system',
    behave: () => rejection(systemError('ENAMETOOLONG')),
    status: 'FAILURE',
    message: 'File name too long',
    level: 'debug',
    logged: /ENAMETOOLONG/,
  },
  {
    title: 'throws a TypeError',
    behave: () => {
      throw new TypeError(`No such method for ${SECRET}`);
    },
    ...UNFORESEEN,
    logged: /TypeError: No such method for .*\n +at /,
  },
  {
    title: 'throws nothing',
    behave: () => {
      throwValue(undefined);
    },
    ...UNFORESEEN,
    logged: /undefined/,
  },
  {
    title: 'rejects with a text',
    behave: () => rejection(`nobody home at ${SECRET}`),
    ...UNFORESEEN,
    logged: /nobody home/,
  },
  {
    title: 'rejects with nothing',
    behave: () => rejection(undefined),
    ...UNFORESEEN,
    logged: /undefined/,
  },
  { title: 'never settles', behave: () => new Promise(() => undefined), ...TOO_LATE },
];
