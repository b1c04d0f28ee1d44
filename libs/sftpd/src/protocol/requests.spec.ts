import { describe, expect, it } from '@jest/globals';

import { PacketType, StatusCode } from './constants.js';
import { EXTENSION_VERSIONS, isExtensionName } from './extensions.js';
import { MalformedPacketError, RequestRefusedError } from './protocol-errors.js';
import { decodeInit, decodeRequest, type RequestBody } from './requests.js';

const ID = 0xdeadbeef;
const HANDLE = Buffer.from([0, 0xff, 0x80, 1]);

function u8(value: number): Buffer {
  return Buffer.from([value]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

function str(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u32(bytes.length), bytes]);
}

function request(type: number, ...fields: readonly Buffer[]): Buffer {
  return Buffer.concat([u8(type), u32(ID), ...fields]);
}

function refusal(packet: Buffer): RequestRefusedError {
  try {
    decodeRequest(packet);
  } catch (error) {
    if (error instanceof RequestRefusedError) return error;
    throw error;
  }
  throw new Error('the request was not refused');
}

const ATTRS = Buffer.concat([u32(0x4), u32(0o100600)]);
const ATTRIBUTES = { permissions: 0o100600 };
const NO_ATTRS = u32(0);

const CORE: readonly (readonly [Buffer, RequestBody])[] = [
  [
    request(3, str('/ä b'), u32(0x1a), ATTRS),
    { type: 'open', path: '/ä b', flags: 0x1a, attributes: ATTRIBUTES },
  ],
  [request(4, str(HANDLE)), { type: 'close', handle: HANDLE }],
  [
    request(5, str(HANDLE), u64(2n ** 53n - 1n), u32(0xffffffff)),
    { type: 'read', handle: HANDLE, offset: Number.MAX_SAFE_INTEGER, length: 0xffffffff },
  ],
  [
    request(6, str(HANDLE), u64(5_000_000_000n), str('data')),
    { type: 'write', handle: HANDLE, offset: 5_000_000_000, data: Buffer.from('data') },
  ],
  [request(7, str('l')), { type: 'lstat', path: 'l' }],
  [request(8, str(HANDLE)), { type: 'fstat', handle: HANDLE }],
  [request(9, str('s'), ATTRS), { type: 'setstat', path: 's', attributes: ATTRIBUTES }],
  [request(10, str(HANDLE), ATTRS), { type: 'fsetstat', handle: HANDLE, attributes: ATTRIBUTES }],
  [request(11, str('')), { type: 'opendir', path: '' }],
  [request(12, str(HANDLE)), { type: 'readdir', handle: HANDLE }],
  [request(13, str('r')), { type: 'remove', path: 'r' }],
  [request(14, str('m'), NO_ATTRS), { type: 'mkdir', path: 'm', attributes: {} }],
  [request(15, str('d')), { type: 'rmdir', path: 'd' }],
  [request(16, str('.')), { type: 'realpath', path: '.' }],
  [request(17, str('t')), { type: 'stat', path: 't' }],
  [request(18, str('old'), str('new')), { type: 'rename', from: 'old', to: 'new' }],
  [request(19, str('k')), { type: 'readlink', path: 'k' }],
  [
    request(20, str('the target'), str('the link')),
    { type: 'symlink', target: 'the target', path: 'the link' },
  ],
];

const EXTENDED: readonly (readonly [Buffer, RequestBody])[] = [
  [
    request(200, str('posix-rename@openssh.com'), str('a'), str('b')),
    { type: 'posix-rename@openssh.com', from: 'a', to: 'b' },
  ],
  [
    request(200, str('statvfs@openssh.com'), str('/v')),
    { type: 'statvfs@openssh.com', path: '/v' },
  ],
  [
    request(200, str('fstatvfs@openssh.com'), str(HANDLE)),
    { type: 'fstatvfs@openssh.com', handle: HANDLE },
  ],
  [
    request(200, str('hardlink@openssh.com'), str('is'), str('becomes')),
    { type: 'hardlink@openssh.com', existing: 'is', path: 'becomes' },
  ],
  [
    request(200, str('fsync@openssh.com'), str(HANDLE)),
    { type: 'fsync@openssh.com', handle: HANDLE },
  ],
  [
    request(200, str('lsetstat@openssh.com'), str('l'), ATTRS),
    { type: 'lsetstat@openssh.com', path: 'l', attributes: ATTRIBUTES },
  ],
  [request(200, str('limits@openssh.com')), { type: 'limits@openssh.com' }],
  [
    request(200, str('expand-path@openssh.com'), str('~')),
    { type: 'expand-path@openssh.com', path: '~' },
  ],
  [
    request(200, str('copy-data'), str(HANDLE), u64(1n), u64(0n), str('h2'), u64(2n ** 40n)),
    {
      type: 'copy-data',
      source: HANDLE,
      sourceOffset: 1,
      length: 0,
      target: Buffer.from('h2'),
      targetOffset: 2 ** 40,
    },
  ],
  [
    request(200, str('copy-file'), str('f'), str('g'), u8(1)),
    { type: 'copy-file', from: 'f', to: 'g', overwrite: true },
  ],
  [request(200, str('home-directory'), str('ann')), { type: 'home-directory', username: 'ann' }],
  [
    request(
      200,
      str('users-groups-by-id@openssh.com'),
      str(Buffer.concat([u32(0), u32(0xffffffff)])),
      str(u32(7)),
    ),
    { type: 'users-groups-by-id@openssh.com', uids: [0, 0xffffffff], gids: [7] },
  ],
];

const ALL = [...CORE, ...EXTENDED].map(
  ([packet, body]) => [body.type as string, packet, body] as const,
);

describe('decodeRequest', () => {
  it('is tried here with every request and every extension there is', () => {
    expect(CORE.map(([packet]) => packet[0])).toEqual(Array.from({ length: 18 }, (_, i) => i + 3));
    expect(EXTENDED.map(([, body]) => body.type).sort()).toEqual(
      Object.keys(EXTENSION_VERSIONS).sort(),
    );
  });

  it.each(ALL)('decodes %s', (_type, packet, body) => {
    expect(decodeRequest(packet)).toEqual({ id: ID, body });
  });

  it.each(ALL)('ignores what comes after the last field of %s', (_type, packet, body) => {
    const longer = Buffer.concat([packet, Buffer.from([0xff, 0, 0xff, 1, 2])]);
    expect(decodeRequest(longer)).toEqual({ id: ID, body });
  });

  it.each(ALL)('refuses %s that is cut off at any byte', (_type, packet) => {
    for (let length = 0; length < packet.length; length++) {
      const cut = packet.subarray(0, length);
      if (length < 5) {
        expect(() => decodeRequest(cut)).toThrow(MalformedPacketError);
      } else {
        expect(refusal(cut)).toMatchObject({ id: ID, status: StatusCode.BAD_MESSAGE });
      }
    }
  });

  it.each([1, 2, 3, 5, 7])('refuses a list of ids of %i bytes', (length) => {
    const name = str('users-groups-by-id@openssh.com');
    const packed = str(Buffer.alloc(length));
    for (const fields of [
      [packed, str('')],
      [str(''), packed],
    ]) {
      expect(refusal(request(200, name, ...fields))).toMatchObject({
        id: ID,
        status: StatusCode.BAD_MESSAGE,
      });
    }
  });

  it('answers every type that it does not know with OP_UNSUPPORTED', () => {
    const known = new Set<number>([PacketType.INIT, PacketType.EXTENDED]);
    for (const [packet] of CORE) known.add(packet[0] ?? 0);
    const unknown = Array.from({ length: 256 }, (_, type) => type).filter((t) => !known.has(t));
    expect(unknown).toHaveLength(256 - 20);
    for (const type of unknown) {
      expect(refusal(request(type, str('x')))).toMatchObject({
        id: ID,
        status: StatusCode.OP_UNSUPPORTED,
      });
    }
  });

  it.each(['', 'nothing@example.org', 'statvfs', 'toString', '__proto__', 'constructor'])(
    'answers the unknown extension %j with OP_UNSUPPORTED',
    (name) => {
      expect(isExtensionName(name)).toBe(false);
      expect(refusal(request(200, str(name), str('x')))).toMatchObject({
        id: ID,
        status: StatusCode.OP_UNSUPPORTED,
      });
    },
  );

  it.each([
    ['a path that is not UTF-8', request(17, str(Buffer.from([0x2f, 0xff])))],
    ['an extension that is not UTF-8', request(200, str(Buffer.from([0xc0, 0x80])))],
    ['an offset of 2^53', request(5, str(HANDLE), u64(2n ** 53n), u32(1))],
    ['an offset of 2^64 - 1', request(6, str(HANDLE), u64(2n ** 64n - 1n), str('x'))],
    ['a size of 2^63', request(9, str('/x'), u32(1), u64(2n ** 63n))],
  ])('answers %s with FAILURE', (_what, packet) => {
    expect(refusal(packet)).toMatchObject({ id: ID, status: StatusCode.FAILURE });
  });

  it('takes handles that are no text', () => {
    const handle = Buffer.from([0xff, 0xfe, 0]);
    expect(decodeRequest(request(4, str(handle))).body).toEqual({ type: 'close', handle });
  });

  it('takes no second INIT', () => {
    expect(() => decodeRequest(request(1))).toThrow(MalformedPacketError);
  });
});

describe('decodeInit', () => {
  it.each([
    { packet: '0100000003', version: 3 },
    { packet: '0100000000', version: 0 },
    { packet: '01ffffffff', version: 0xffffffff },
    { packet: '01000000030000000161000000023132', version: 3 },
    { packet: '01000000', version: undefined },
    { packet: '', version: undefined },
    { packet: '0200000003', version: undefined },
    { packet: '0300000003', version: undefined },
  ])('reads $version from $packet', ({ packet, version }) => {
    expect(decodeInit(Buffer.from(packet, 'hex'))).toBe(version);
  });
});

describe('decodeRequest with nonsense', () => {
  const SEED = 0x5eed_1234;
  const PACKETS = 20_000;

  it(`throws nothing but what it documents (seed ${SEED})`, () => {
    let state = SEED;
    const random = (bound: number): number => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % bound;
    };
    const randomBytes = (length: number): Buffer =>
      Buffer.from(Array.from({ length }, () => random(256)));
    const mutated = (): Buffer => {
      const packet = Buffer.from(ALL[random(ALL.length)]?.[1] ?? '');
      for (let count = random(6); count > 0; count--) {
        packet[random(packet.length)] = [0, 0xff, 0x7f, 0x80, random(256)][random(5)] ?? 0;
      }
      const cut = random(3) === 0 ? packet.subarray(0, random(packet.length + 1)) : packet;
      return random(4) === 0 ? Buffer.concat([cut, randomBytes(random(9))]) : cut;
    };
    const outcomes = { decoded: 0, refused: 0, malformed: 0 };
    for (let count = 0; count < PACKETS; count++) {
      const packet = random(4) === 0 ? randomBytes(random(60)) : mutated();
      try {
        const { id } = decodeRequest(packet);
        expect(id).toBe(packet.readUInt32BE(1));
        outcomes.decoded++;
      } catch (error) {
        if (error instanceof RequestRefusedError) {
          expect(error.id).toBe(packet.readUInt32BE(1));
          outcomes.refused++;
        } else if (error instanceof MalformedPacketError) {
          outcomes.malformed++;
        } else {
          throw new Error(`${packet.toString('hex')} threw ${String(error)}`, { cause: error });
        }
      }
    }
    for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(PACKETS / 50);
  });
});
