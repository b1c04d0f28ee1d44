import { describe, expect, it } from '@jest/globals';

import type { AttributeChanges, FileInfo, VfsInfo } from '../../filesystem/file-info.js';
import type { OpenFlags } from '../../filesystem/open-file.js';
import type { SessionAttributes } from '../../filesystem/session.js';
import { POSIX_ERRORS, SftpError } from '../../filesystem/sftp-error.js';
import { flags, SESSION, throughJson } from '../spec-support/loopback.js';
import { failureAnswer, valueOf } from './answer.js';
import { MalformedMessageError, MessageReader } from './message-reader.js';
import { decodeSession, encodeSession } from './session.js';
import {
  decodeChanges,
  decodeEntry,
  decodeFlags,
  decodeInfo,
  decodeVfsInfo,
  encodeBytes,
  encodeChanges,
  encodeEntry,
  encodeFlags,
  encodeInfo,
  encodeVfsInfo,
} from './values.js';

/** A value as the other side reads it. */
function received(value: unknown): MessageReader {
  return new MessageReader(throughJson(value));
}

const LARGEST = Number.MAX_SAFE_INTEGER;

describe('values on the wire', () => {
  it.each<FileInfo>([
    { type: 'regular', size: 0 },
    {
      type: 'regular',
      size: LARGEST,
      mode: 0o7777,
      uid: 0,
      gid: 4_294_967_295,
      owner: '',
      group: 'staff',
      links: 2,
      accessedAt: new Date(-1),
      modifiedAt: new Date(1_700_000_000_123),
    },
    { type: 'socket', size: 1, modifiedAt: new Date(8.64e15) },
  ])('file info arrives as it was: %j', (info) => {
    expect(decodeInfo(received(encodeInfo(info)))).toEqual(info);
    expect(Object.keys(decodeInfo(received(encodeInfo(info))))).toEqual(Object.keys(info));
  });

  it.each(['__proto__', 'a\nb', 'Übergröße', '\ud800', '👩‍👦'])(
    'the name %j arrives as it was',
    (name) => {
      const info: FileInfo = { type: 'directory', size: 0 };
      expect(decodeEntry(received(encodeEntry({ name, info })))).toEqual({ name, info });
    },
  );

  it.each<AttributeChanges>([
    {},
    { size: LARGEST },
    { mode: 0, uid: 0, gid: 0 },
    { accessedAt: new Date(0), modifiedAt: new Date(1) },
  ])('changes arrive as they were: %j', (changes) => {
    expect(decodeChanges(received(encodeChanges(changes)))).toStrictEqual(changes);
  });

  it.each<OpenFlags>([flags({ read: true }), flags({ write: true, exclusive: true, mode: 0o600 })])(
    'flags arrive as they were: %j',
    (wanted) => {
      expect(decodeFlags(received(encodeFlags(wanted)))).toStrictEqual(wanted);
    },
  );

  it('free space arrives as it was, also beyond what is exact', () => {
    const info: VfsInfo = {
      blockSize: 4096,
      totalBlocks: 2 ** 60,
      freeBlocks: 0,
      availableBlocks: 1,
      totalFiles: 1.5e19,
      freeFiles: 3,
      readOnly: true,
      maxNameLength: 255,
    };
    expect(decodeVfsInfo(received(encodeVfsInfo(info)))).toStrictEqual(info);
  });

  it.each([0, 1, 2, 3, 255, 256])(
    '%i bytes arrive as they were, also from inside a buffer',
    (length) => {
      const content = Buffer.from(
        Array.from({ length: length + 20 }, (_, index) => index),
      ).subarray(10, length + 10);
      expect(received({ data: encodeBytes(content) }).bytes('data')).toEqual(content);
    },
  );
});

describe('what is no message', () => {
  it.each([undefined, null, 1, 'text', [], true])('%p is refused', (message) => {
    expect(() => new MessageReader(message)).toThrow(MalformedMessageError);
  });

  it.each<[string, (message: MessageReader) => unknown]>([
    ['integer', (message) => message.integer('field')],
    ['quantity', (message) => message.quantity('field')],
    ['text', (message) => message.text('field')],
    ['flag', (message) => message.flag('field')],
    ['date', (message) => message.date('field')],
    ['bytes', (message) => message.bytes('field')],
    ['path', (message) => message.path('field')],
    ['record', (message) => message.record('field')],
    ['records', (message) => message.records('field')],
    ['texts', (message) => message.texts('field')],
    ['integers', (message) => message.integers('field')],
  ])('a field that is no %s is refused', (kind, read) => {
    const nonsense: unknown[] = [
      undefined,
      null,
      {},
      [{}],
      [[]],
      'a!b',
      -1,
      0.5,
      2 ** 53,
      8.7e15,
      '/a/../b',
    ];
    const fitting: Readonly<Record<string, unknown[]>> = {
      integer: [8.7e15],
      quantity: [0.5, 2 ** 53, 8.7e15],
      text: ['a!b', '/a/../b'],
      date: [-1, 0.5],
      record: [{}],
      records: [[{}]],
    };
    for (const field of nonsense) {
      const fits = fitting[kind]?.some((one) => JSON.stringify(one) === JSON.stringify(field));
      if (fits === true) expect(() => read(received({ field }))).not.toThrow();
      else expect(() => read(received({ field }))).toThrow(MalformedMessageError);
    }
  });

  it.each(['a', '', '/a/', '//', '/a//b', '/./a', '/..', '/a\0b'])(
    'the path %j is refused',
    (path) => {
      expect(() => received({ path }).path('path')).toThrow(MalformedMessageError);
    },
  );

  it('what every object inherits is no field', () => {
    expect(() => received({}).optional('constructor', 'text')).not.toThrow();
    expect(received({}).raw('toString')).toBeUndefined();
  });

  it.each([
    { type: 'file', size: 1 },
    { type: 'regular' },
    { type: 'regular', size: -1 },
    { type: 'regular', size: 1, modifiedAt: 'today' },
    { type: 'regular', size: 1, owner: 5 },
  ])('the file info %j is refused', (info) => {
    expect(() => decodeInfo(received(info))).toThrow(MalformedMessageError);
  });
});

describe('answers', () => {
  const failure = (answer: unknown): unknown => {
    try {
      valueOf(throughJson(answer));
    } catch (error) {
      return error;
    }
    return undefined;
  };

  it.each(Object.keys(POSIX_ERRORS) as (keyof typeof POSIX_ERRORS)[])(
    'a failure with %s keeps its code and message',
    (code) => {
      const error = failure(failureAnswer(new SftpError(code, 'The mailbox is full')));
      expect(error).toBeInstanceOf(SftpError);
      expect(error).toMatchObject({ code, message: 'The mailbox is full' });
    },
  );

  it('no stack and no cause crosses', () => {
    const answer = failureAnswer(
      new SftpError('EIO', undefined, { cause: new Error('/srv/secret') }),
    );
    expect(JSON.stringify(answer)).not.toMatch(/secret|at .*\.ts/);
  });

  it.each(['ESHUTDOWN', 'constructor', ''])('the unknown code %j is EIO', (code) => {
    expect(failure({ error: { code, message: 'x' } })).toMatchObject({ code: 'EIO' });
  });

  it.each([undefined, null, {}, { value: 1 }, { error: 'no' }, { error: { code: 1 } }, 'value'])(
    '%j is none',
    (answer) => {
      expect(failure(answer)).toBeInstanceOf(MalformedMessageError);
    },
  );
});

describe('a session on the wire', () => {
  const withAttributes = (attributes: unknown) => ({
    ...SESSION,
    attributes: attributes as SessionAttributes,
  });

  it('arrives as it was', () => {
    const session = withAttributes({
      tenant: 'north',
      quota: 1.5,
      admin: false,
      nothing: null,
      rules: { '/in': ['list', 'read'] },
      ['__proto__']: 'a name like any other',
    });
    expect(decodeSession(received(encodeSession(session)))).toStrictEqual(session);
  });

  it('leaves out what is undefined, as if it were not there', () => {
    const decoded = decodeSession(received(encodeSession(withAttributes({ a: undefined, b: 1 }))));
    expect(decoded.attributes).toStrictEqual({ b: 1 });
  });

  class Rules {
    readonly write = true;
  }
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;

  it.each<[string, unknown]>([
    ['attributes.may is a function', { may: () => true }],
    ['attributes.at is a Date', { at: new Date(0) }],
    ['attributes.rules is a Map', { rules: new Map() }],
    ['attributes.rules is a Rules', { rules: new Rules() }],
    ['attributes.key is a Buffer', { key: Buffer.alloc(1) }],
    ['attributes.id is a bigint', { id: 1n }],
    ['attributes.tag is a symbol', { tag: Symbol('tag') }],
    ['attributes.limit is Infinity', { limit: Infinity }],
    ['attributes.deep.list.1 is NaN', { deep: { list: [1, NaN] } }],
    ['attributes.list.0 is a undefined', { list: [undefined] }],
    ['is nested more than 32 deep', cycle],
  ])('is refused where %s', (problem, attributes) => {
    expect(() => encodeSession(withAttributes(attributes))).toThrow(problem);
  });

  it.each([
    { ...SESSION, attributes: [] },
    { ...SESSION, attributes: undefined },
    { ...SESSION, username: 5 },
    { ...SESSION, peer: { address: 'x', port: '22', ident: '' } },
  ])('is refused when it is %j', (session) => {
    expect(() => decodeSession(received(session))).toThrow(MalformedMessageError);
  });
});
