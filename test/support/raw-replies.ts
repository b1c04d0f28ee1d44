import { ByteReader, FXP, STATUS_NAMES, type RawAttrs, type StatusName } from './raw-wire.js';

/** One entry of a NAME reply. */
export interface RawName {
  readonly filename: string;
  readonly longname: string;
  readonly attrs: RawAttrs;
}

/** A reply with its fields, as the draft's section 7 has them. */
export type RawReply = { readonly id: number; readonly bytes: number } & (
  | { readonly kind: 'STATUS'; readonly status: StatusName; readonly message: string }
  | { readonly kind: 'HANDLE'; readonly handle: Buffer }
  | { readonly kind: 'DATA'; readonly data: Buffer }
  | { readonly kind: 'NAME'; readonly names: readonly RawName[] }
  | { readonly kind: 'ATTRS'; readonly attrs: RawAttrs }
  | { readonly kind: 'EXTENDED_REPLY'; readonly payload: Buffer }
);

/** What VERSION says. */
export interface RawVersion {
  readonly version: number;
  readonly extensions: ReadonlyMap<string, string>;
}

/**
 * Reads a VERSION packet.
 *
 * @param payload the packet without its length
 * @throws Error when it is anything else, or announces an extension twice
 */
export function decodeVersion(payload: Buffer): RawVersion {
  const reader = new ByteReader(payload);
  const type = reader.u8();
  if (type !== FXP.VERSION) throw new Error(`Expected VERSION, received packet type ${type}`);
  const version = reader.u32();
  const extensions = new Map<string, string>();
  while (reader.remaining > 0) {
    const name = reader.text();
    if (extensions.has(name)) throw new Error(`VERSION announces ${name} twice`);
    extensions.set(name, reader.text());
  }
  return { version, extensions };
}

/**
 * Reads any reply that carries an id, to its last byte.
 *
 * @param payload the packet without its length
 * @throws Error when the packet is not one that version 3 allows
 */
export function decodeReply(payload: Buffer): RawReply {
  const reader = new ByteReader(payload);
  const type = reader.u8();
  const id = reader.u32();
  const reply = { id, bytes: payload.length, ...decodeBody(type, reader) };
  reader.finish(`The ${reply.kind} reply`);
  return reply;
}

type ReplyBody<R = RawReply> = R extends RawReply ? Omit<R, 'id' | 'bytes'> : never;

function decodeBody(type: number, reader: ByteReader): ReplyBody {
  switch (type) {
    case FXP.STATUS: {
      const code = reader.u32();
      const status = STATUS_NAMES[code];
      if (status === undefined) throw new Error(`Status ${code} does not exist in version 3`);
      const message = reader.text();
      reader.text();
      return { kind: 'STATUS', status, message };
    }
    case FXP.HANDLE: {
      const handle = reader.raw();
      if (handle.length === 0 || handle.length > 256) {
        throw new Error(`A handle of ${handle.length} bytes`);
      }
      return { kind: 'HANDLE', handle };
    }
    case FXP.DATA:
      return { kind: 'DATA', data: reader.raw() };
    case FXP.NAME: {
      const count = reader.u32();
      const names: RawName[] = [];
      for (let n = 0; n < count; n++) {
        names.push({ filename: reader.text(), longname: reader.text(), attrs: reader.attrs() });
      }
      return { kind: 'NAME', names };
    }
    case FXP.ATTRS:
      return { kind: 'ATTRS', attrs: reader.attrs() };
    case FXP.EXTENDED_REPLY:
      return { kind: 'EXTENDED_REPLY', payload: reader.bytes(reader.remaining) };
    default:
      throw new Error(`Packet type ${type} is not a reply`);
  }
}
