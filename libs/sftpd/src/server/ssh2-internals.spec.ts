import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { describe, expect, it } from '@jest/globals';
import type { Connection as SshConnection } from 'ssh2';

import {
  interceptMessages,
  isExchangingKeys,
  type PacketSource,
  supportedAlgorithms,
  takePacketsFrom,
  usesNativeAddon,
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

describe('usesNativeAddon', () => {
  it('is what ssh2 has found at its installation', () => {
    const addon = path.join(
      path.dirname(createRequire(import.meta.url).resolve('ssh2/lib/protocol/crypto.js')),
      'crypto/build/Release/sshcrypto.node',
    );
    expect(usesNativeAddon()).toBe(existsSync(addon));
  });

  it.each([true, false])('is what ssh2 tells: %s', (bindingAvailable) => {
    expect(usesNativeAddon(() => ({ bindingAvailable }))).toBe(bindingAvailable);
  });

  it('is unknown where ssh2 does not tell', () => {
    expect(usesNativeAddon(() => ({}))).toBeUndefined();
    const gone = (id: string): never => {
      throw new Error(`Cannot find module '${id}'`);
    };
    expect(usesNativeAddon(gone)).toBeUndefined();
  });
});

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

describe('interceptMessages', () => {
  function intercepted(inspect: (payload: Buffer) => Buffer | undefined) {
    const got: string[] = [];
    const errors: unknown[] = [];
    const protocol = {
      _authsQueue: ['keyboard-interactive'],
      _onPayload: (payload: Buffer): unknown => {
        got.push(`${payload.toString('hex')} after ${protocol._authsQueue.length}`);
        if (payload[0] === 99) throw new Error('a parser failed');
        return false;
      },
    };
    const connection = {
      _protocol: protocol,
      emit: (_name: string, error: unknown) => errors.push(error),
    } as unknown as SshConnection;
    return { got, errors, protocol, deliver: interceptMessages(connection, inspect) };
  }

  it('gives ssh2 what is let through, and returns what ssh2 returns', () => {
    const { got, protocol } = intercepted((payload) =>
      payload[0] === 1 ? undefined : Buffer.concat([payload, Buffer.of(7)]),
    );
    expect(protocol._onPayload(Buffer.of(1))).toBeUndefined();
    expect(protocol._onPayload(Buffer.of(2))).toBe(false);
    expect(got).toEqual(['0207 after 1']);
  });

  it('forgets requests that were broken off before a new one', () => {
    const { got, protocol } = intercepted((payload) => payload);
    protocol._onPayload(Buffer.of(50));
    expect(got).toEqual(['32 after 0']);
  });

  it('delivers what was held back; what ssh2 throws then is an error of the connection', () => {
    const { got, errors, deliver } = intercepted(() => undefined);
    deliver?.(Buffer.of(50));
    deliver?.(Buffer.of(99));
    expect(got).toEqual(['32 after 0', '63 after 0']);
    expect(errors).toEqual([new Error('a parser failed')]);
  });

  it('tells when ssh2 has none of what it needs', () => {
    expect(interceptMessages({} as SshConnection, (payload) => payload)).toBeUndefined();
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
