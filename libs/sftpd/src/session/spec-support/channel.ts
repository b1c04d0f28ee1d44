import { Duplex } from 'node:stream';

import type { Log } from '../../events/log.js';
import { SftpEvents } from '../../events/sftp-events.js';
import type { RandomAccessBackend } from '../../filesystem/backend.js';
import type { OpenFile } from '../../filesystem/open-file.js';
import type { SessionLimits, SftpSession } from '../../filesystem/session.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import { OpenFlag, PacketType } from '../../protocol/constants.js';
import { PacketReader } from '../../protocol/packet-reader.js';
import { PacketWriter } from '../../protocol/packet-writer.js';
import { ByteBudget } from '../byte-budget.js';
import { BufferPool } from '../buffer-pool.js';
import type { ChannelLimits } from '../channel-limits.js';
import { SftpGates } from '../hooks/gates.js';
import { SessionHooks } from '../hooks/session-hooks.js';
import { SessionUploads } from '../session-uploads.js';
import type { ChannelStream, SftpChannelOptions } from '../sftp-channel-options.js';
import { SftpChannel } from '../sftp-channel.js';

/** A channel as its server sees it, with a client at the other end that does what the test says. */
export class ClientStream extends Duplex implements ChannelStream {
  /** What the client has received, packet by packet, without the length field. */
  readonly received: Buffer[] = [];
  exitStatus: number | undefined;
  endedByServer = false;

  #reading = true;
  #held: (() => void) | undefined;

  exit(status: number): void {
    this.exitStatus = status;
  }

  send(...packets: readonly Buffer[]): void {
    for (const packet of packets) this.push(packet);
  }

  sendEof(): void {
    this.push(null);
  }

  stopReading(): void {
    this.#reading = false;
  }

  startReading(): void {
    this.#reading = true;
    this.#held?.();
  }

  /** Settles when `condition` holds; it is looked at whenever something has come from the server. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => this.once('something', resolve));
    }
  }

  /** The reply to a request, behind its id. */
  async reply(id: number): Promise<{ type: number; body: PacketReader }> {
    const find = (): Buffer | undefined =>
      this.received.find((p) => p[0] !== PacketType.VERSION && p.readUInt32BE(1) === id);
    await this.until(() => find() !== undefined);
    const packet = find() ?? Buffer.alloc(0);
    return { type: packet[0] ?? 0, body: new PacketReader(packet, 5) };
  }

  async status(id: number): Promise<{ code: number; message: string }> {
    const { type, body } = await this.reply(id);
    if (type !== PacketType.STATUS) throw new Error(`The reply is of type ${type}`);
    return { code: body.uint32(), message: body.text() };
  }

  /** The ids of the replies, in the order in which they came. */
  get ids(): number[] {
    return this.received.filter((p) => p[0] !== PacketType.VERSION).map((p) => p.readUInt32BE(1));
  }

  override _read(): void {
    // What there is has been pushed.
  }

  override _write(packet: Buffer, _encoding: string, done: () => void): void {
    // The server uses its buffers again.
    const copy = Buffer.from(packet.subarray(4));
    const take = (): void => {
      this.#held = undefined;
      this.received.push(copy);
      done();
      this.emit('something');
    };
    if (this.#reading) take();
    else this.#held = take;
  }

  override _final(done: () => void): void {
    this.endedByServer = true;
    done();
    this.emit('something');
  }
}

/** A log that keeps its lines: level, message and stack. */
export class LinesLog implements Log {
  readonly lines: string[] = [];

  debug(message: string): void {
    this.lines.push(`debug ${message}`);
  }
  log(message: string): void {
    this.lines.push(`log ${message}`);
  }
  warn(message: string): void {
    this.lines.push(`warn ${message}`);
  }
  error(message: string, stack?: string): void {
    this.lines.push(`error ${message}\n${stack ?? ''}`);
  }
}

/** A backend that can do what the test gives it, and refuses the rest. */
export function backendOf(methods: Partial<RandomAccessBackend>): RandomAccessBackend {
  const refuse = (): never => {
    throw new SftpError('ENOTSUP');
  };
  return {
    listDir: refuse,
    fileInfo: refuse,
    openFile: refuse,
    makeDir: refuse,
    delDir: refuse,
    delete: refuse,
    rename: refuse,
    ...methods,
  };
}

/** A file that can do what the test gives it. */
export function fileOf(methods: Partial<OpenFile>): OpenFile {
  return {
    read: () => 0,
    write: () => undefined,
    stat: () => ({ type: 'regular', size: 0 }),
    close: () => undefined,
    abort: () => undefined,
    ...methods,
  };
}

/** Hooks that nobody listens to, nor logs. */
export function hooksOf(session: SftpSession, files: RandomAccessBackend, log: Log): SessionHooks {
  const hooks = {
    events: new SftpEvents(log),
    gates: new SftpGates(log, 1000),
    uploadDigest: undefined,
    logUploads: false,
  };
  return new SessionHooks(session, { files, backendAt: () => undefined }, hooks, log);
}

/** Bounds that no test meets by chance. */
export const LIMITS: ChannelLimits = {
  maxHandles: 16,
  maxRequestsInFlight: 100_000,
  maxPacketBytes: 256 * 1024,
  maxPathBytes: 4096,
  maxNameBytes: 4096,
  maxBufferedBytes: 512 * 1024,
};

export interface Setup {
  readonly channel: SftpChannel;
  readonly client: ClientStream;
  readonly log: LinesLog;
  readonly buffers: BufferPool;
}

/** What differs from the options of all other channels. */
export interface ChannelOptions extends Partial<Omit<SftpChannelOptions, 'limits'>> {
  readonly ident?: string;
  readonly limits?: Partial<ChannelLimits>;
  readonly sessionLimits?: SessionLimits;
}

/** A channel whose client has said INIT. */
export function openChannel(
  backend: Partial<RandomAccessBackend>,
  options: ChannelOptions = {},
): Setup {
  const { ident = 'Test_1.0', limits, sessionLimits, ...others } = options;
  const client = new ClientStream();
  const log = new LinesLog();
  const buffers = new BufferPool(2 ** 24);
  const session: SftpSession = {
    id: 's1',
    username: 'ann',
    peer: { address: '192.0.2.1', port: 4000, ident },
    attributes: {},
    ...(sessionLimits && { limits: sessionLimits }),
  };
  const files = backendOf(backend);
  const channel = new SftpChannel(client, {
    session,
    backend: files,
    uploads: new SessionUploads(),
    hooks: hooksOf(session, files, log),
    timeouts: { open: 30_000, close: 30_000, request: 30_000 },
    limits: { ...LIMITS, ...limits },
    budget: new ByteBudget(2 ** 30),
    umask: 0o022,
    congested: () => false,
    buffers,
    beforeSend: () => undefined,
    onRefusal: () => undefined,
    log,
    ...others,
  });
  client.send(init());
  return { channel, client, log, buffers };
}

export function init(version = 3): Buffer {
  return new PacketWriter(PacketType.INIT).uint32(version).finish();
}

export function request(type: number, id: number, write?: (w: PacketWriter) => void): Buffer {
  const writer = new PacketWriter(type).uint32(id);
  write?.(writer);
  return writer.finish();
}

export function statRequest(id: number, path = '/x'): Buffer {
  return request(PacketType.STAT, id, (w) => w.text(path));
}

export function openRequest(id: number, path: string): Buffer {
  const flags = OpenFlag.READ | OpenFlag.WRITE | OpenFlag.CREAT;
  return request(PacketType.OPEN, id, (w) => w.text(path).uint32(flags).uint32(0));
}

export function closeRequest(id: number, handle: Buffer): Buffer {
  return request(PacketType.CLOSE, id, (w) => w.bytes(handle));
}

export function readRequest(id: number, handle: Buffer, length: number): Buffer {
  return request(PacketType.READ, id, (w) => w.bytes(handle).uint64(0).uint32(length));
}

export function writeRequest(id: number, handle: Buffer, data: Buffer): Buffer {
  return request(PacketType.WRITE, id, (w) => w.bytes(handle).uint64(0).bytes(data));
}

/** Opens a file and gives its handle. */
export async function open(client: ClientStream, id: number, path: string): Promise<Buffer> {
  client.send(openRequest(id, path));
  const { type, body } = await client.reply(id);
  if (type !== PacketType.HANDLE) throw new Error(`OPEN was answered with type ${type}`);
  return body.bytes();
}

/** Lets everything happen that waits for nothing but its turn. */
export async function turns(): Promise<void> {
  for (let count = 0; count < 5; count++) await new Promise(setImmediate);
}

/** A promise that the test settles. */
export function deferred<T = undefined>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
} {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
}
