import { describe, expect, it } from '@jest/globals';
import type { Connection as SshConnection } from 'ssh2';

import {
  isExchangingKeys,
  type PacketSource,
  supportedAlgorithms,
  takePacketsFrom,
} from './ssh2-internals.js';

/** A cipher by the name of one of ssh2's, with the padding of AES-GCM. */
class AESGCMCipherBinding {
  allocPacket(payloadBytes: number): Buffer {
    let padding = 16 - ((payloadBytes + 1) % 16);
    if (padding < 4) padding += 16;
    const packet = Buffer.alloc(5 + payloadBytes + padding + 16);
    packet.writeUInt32BE(1 + payloadBytes + padding);
    packet[4] = padding;
    return packet;
  }
}

/** The same name in a version of ssh2 that does it differently. */
const changed = (() => {
  const Changed = class AESGCMCipherBinding {
    allocPacket(payloadBytes: number): Buffer {
      return Buffer.alloc(payloadBytes + 100);
    }
  };
  return new Changed();
})();

class UnknownCipher extends AESGCMCipherBinding {}

function connectionWith(cipher: AESGCMCipherBinding) {
  const protocol = {
    _cipher: cipher,
    _kexinit: undefined as object | undefined,
    _packetRW: { write: { alloc: (payloadBytes: number) => Buffer.alloc(payloadBytes, 'own') } },
    _onHandshakeComplete: () => undefined,
  };
  return { protocol, connection: { _protocol: protocol } as unknown as SshConnection };
}

const source: PacketSource = {
  take: (length) => Buffer.alloc(length, 'S'),
  fillRandom: (packet, start, end) => packet.fill('R', start, end),
};

const OWN = Buffer.alloc(20, 'own');

describe('takePacketsFrom', () => {
  it('lays packets out as the cipher does, in memory of the source', () => {
    const { protocol, connection } = connectionWith(new AESGCMCipherBinding());
    takePacketsFrom(connection, source);
    protocol._onHandshakeComplete();
    for (const payloadBytes of [1, 4, 11, 12, 27, 20_000]) {
      const packet = protocol._packetRW.write.alloc(payloadBytes);
      const expected = new AESGCMCipherBinding().allocPacket(payloadBytes);
      expect(packet).toHaveLength(expected.length);
      expect(packet.subarray(0, 5)).toEqual(expected.subarray(0, 5));
      const end = packet.length - 16;
      const padding = packet[4] ?? 0;
      expect(packet.subarray(end - padding, end)).toEqual(Buffer.alloc(padding, 'R'));
    }
  });

  it('leaves what is sent during a key exchange to ssh2, which keeps it without padding', () => {
    const { protocol, connection } = connectionWith(new AESGCMCipherBinding());
    takePacketsFrom(connection, source);
    protocol._onHandshakeComplete();
    protocol._kexinit = {};
    expect(protocol._packetRW.write.alloc(20)).toEqual(OWN);
  });

  it.each([
    { what: 'a cipher that it does not know', cipher: new UnknownCipher() },
    { what: 'a cipher that lays packets out in another way', cipher: changed },
  ])('leaves the packets of $what alone', ({ cipher }) => {
    const { protocol, connection } = connectionWith(cipher);
    takePacketsFrom(connection, source);
    protocol._onHandshakeComplete();
    expect(protocol._packetRW.write.alloc(20)).toEqual(OWN);
  });

  it('does nothing where ssh2 has none of what it needs', () => {
    expect(() => {
      takePacketsFrom({} as SshConnection, source);
    }).not.toThrow();
  });
});

describe('supportedAlgorithms', () => {
  it('tells what this process can do as a server', () => {
    const supported = supportedAlgorithms();
    expect(supported?.kex).toContain('curve25519-sha256');
    expect(supported?.kex.join()).not.toContain('group-exchange');
    expect(supported?.serverHostKey).toContain('ssh-ed25519');
    expect(supported?.cipher).toContain('aes256-ctr');
    expect(supported?.hmac).toContain('hmac-sha2-256');
  });
});

describe('isExchangingKeys', () => {
  it('is false where ssh2 does not tell', () => {
    expect(isExchangingKeys({} as SshConnection)).toBe(false);
  });
});
