import { ByteWriter } from '../raw-wire.js';

/** Message numbers of RFC 4250, section 4.1.2, and of those that are used with them. */
export const MSG = {
  DISCONNECT: 1,
  IGNORE: 2,
  UNIMPLEMENTED: 3,
  DEBUG: 4,
  SERVICE_REQUEST: 5,
  SERVICE_ACCEPT: 6,
  EXT_INFO: 7,
  KEXINIT: 20,
  NEWKEYS: 21,
  KEX_ECDH_INIT: 30,
  KEX_ECDH_REPLY: 31,
  USERAUTH_REQUEST: 50,
  USERAUTH_FAILURE: 51,
  USERAUTH_SUCCESS: 52,
  USERAUTH_BANNER: 53,
  USERAUTH_PK_OK: 60,
  USERAUTH_INFO_REQUEST: 60,
  USERAUTH_INFO_RESPONSE: 61,
  GLOBAL_REQUEST: 80,
  REQUEST_SUCCESS: 81,
  REQUEST_FAILURE: 82,
  CHANNEL_OPEN: 90,
  CHANNEL_OPEN_CONFIRMATION: 91,
  CHANNEL_OPEN_FAILURE: 92,
  CHANNEL_WINDOW_ADJUST: 93,
  CHANNEL_DATA: 94,
  CHANNEL_EXTENDED_DATA: 95,
  CHANNEL_EOF: 96,
  CHANNEL_CLOSE: 97,
  CHANNEL_REQUEST: 98,
  CHANNEL_SUCCESS: 99,
  CHANNEL_FAILURE: 100,
} as const;

/** The payload of a message: its number, and what `build` puts behind it. */
export function message(type: number, build: (body: ByteWriter) => unknown = noBody): Buffer {
  const body = new ByteWriter().u8(type);
  build(body);
  return body.done();
}

function noBody(): void {
  // some messages have none
}

/** What a KEXINIT offers; each list as it travels. */
export interface KexOffer {
  readonly kex?: string;
  readonly hostKey?: string;
  readonly cipher?: string;
  readonly mac?: string;
  readonly compression?: string;
}

/** KEXINIT (RFC 4253, section 7.1); by default with what {@link RawSsh} can do. */
export function kexinit(offer: KexOffer = {}): Buffer {
  const { kex = 'curve25519-sha256', hostKey = 'ssh-ed25519', compression = 'none' } = offer;
  const { cipher = 'aes128-gcm@openssh.com', mac = 'hmac-sha2-256' } = offer;
  const lists = [kex, hostKey, cipher, cipher, mac, mac, compression, compression, '', ''];
  return message(MSG.KEXINIT, (b) => {
    b.bytes(Buffer.alloc(16, 7));
    for (const list of lists) b.string(list);
    b.u8(0).u32(0);
  });
}

/** A request to log in (RFC 4252, section 5). */
export function userauth(
  username: string | Buffer,
  method: string | Buffer,
  build: (body: ByteWriter) => unknown = noBody,
): Buffer {
  return message(MSG.USERAUTH_REQUEST, (b) => {
    build(b.string(username).string('ssh-connection').string(method));
  });
}

/** A request to log in with a password (RFC 4252, section 8). */
export function passwordRequest(username: string | Buffer, password: string | Buffer): Buffer {
  return userauth(username, 'password', (b) => b.u8(0).string(password));
}

/** CHANNEL_OPEN (RFC 4254, section 5.1). */
export function channelOpen(
  own: number,
  window = 2 ** 21,
  packet = 32_768,
  type = 'session',
): Buffer {
  return message(MSG.CHANNEL_OPEN, (b) => b.string(type).u32(own).u32(window).u32(packet));
}

/** CHANNEL_REQUEST (RFC 4254, section 5.4). */
export function channelRequest(
  peer: number,
  type: string,
  wantReply: boolean,
  build: (body: ByteWriter) => unknown = noBody,
): Buffer {
  return message(MSG.CHANNEL_REQUEST, (b) => {
    build(
      b
        .u32(peer)
        .string(type)
        .u8(wantReply ? 1 : 0),
    );
  });
}

/** CHANNEL_DATA (RFC 4254, section 5.2). */
export function channelData(peer: number, data: Buffer): Buffer {
  return message(MSG.CHANNEL_DATA, (b) => b.u32(peer).string(data));
}

/** GLOBAL_REQUEST (RFC 4254, section 4). */
export function globalRequest(name: string, wantReply: boolean): Buffer {
  return message(MSG.GLOBAL_REQUEST, (b) => b.string(name).u8(wantReply ? 1 : 0));
}
