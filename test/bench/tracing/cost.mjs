import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { median } from '../report/rows.mjs';
import { TRACING_NAMES } from './names.mjs';

const BUILT = join(import.meta.dirname, '../../../libs/sftpd/dist');
const SESSION = {
  id: 'bench-1',
  username: 'bench',
  peer: { address: '127.0.0.1', port: 1, ident: 'Bench_1.0' },
  attributes: {},
};
const SILENT = { debug() {}, log() {}, warn() {}, error() {} };
const BATCH = 64;

/** A client at the other end of a channel, without SSH: it counts replies and looks at none. */
class BenchStream extends Duplex {
  replies = 0;
  exit() {}
  _read() {}
  _write(_packet, _encoding, done) {
    this.replies += 1;
    done();
    this.emit('reply');
  }
}

/**
 * What tracing costs one STAT, in this process: without SSH and sockets, beside which it would look smaller still.
 *
 * @param {{ runs: number, requests: number }} options
 * @returns nanoseconds of the processor, the medians of the runs
 */
export async function measureCost({ runs, requests }) {
  const { stat, traceOnce } = await openChannel();
  const calls = requests * 50;
  let told = 0;
  const subscriber = () => {
    told += 1;
  };
  const taken = { call: [], silent: [], subscribed: [], callAfter: [] };
  // The first round warms up, and is not counted.
  for (let run = 0; run <= runs; run += 1) {
    taken.call.push(traceMany(traceOnce, calls));
    taken.silent.push(await stat(requests));
  }
  // Only then: a channel that once had a subscriber is slower to ask for ever.
  for (const name of TRACING_NAMES) subscribe(name, subscriber);
  for (let run = 0; run <= runs; run += 1) taken.subscribed.push(await stat(requests));
  for (const name of TRACING_NAMES) unsubscribe(name, subscriber);
  for (let run = 0; run <= runs; run += 1) taken.callAfter.push(traceMany(traceOnce, calls));
  const expected = 4 * requests * (runs + 1);
  if (told !== expected) throw new Error(`${told} messages came instead of ${expected}`);
  const [call = 0, silent = 0, subscribed = 0, callAfter = 0] = Object.values(taken).map((all) =>
    median(all.slice(1)),
  );
  return { call, silent, subscribed, callAfter };
}

/** What each request does for tracing while nobody listens. @returns nanoseconds of one call, the loop's included */
function traceMany(traceOnce, calls) {
  const before = process.cpuUsage();
  for (let call = 0; call < calls; call += 1) {
    if (traceOnce() !== undefined) throw new Error('Somebody listens');
  }
  return cpuSince(before) / calls;
}

/** Nanoseconds of the processor: time on the clock would tell of what else the machine does. */
function cpuSince(before) {
  const { user, system } = process.cpuUsage(before);
  return (user + system) * 1000;
}

async function openChannel() {
  const built = (path) => import(join(BUILT, path));
  const { SftpChannel } = await built('session/sftp-channel.js');
  const { SessionHooks } = await built('session/hooks/session-hooks.js');
  const { SftpGates } = await built('session/hooks/gates.js');
  const { SftpEvents } = await built('events/sftp-events.js');
  const { SessionUploads } = await built('session/session-uploads.js');
  const { ByteBudget } = await built('session/byte-budget.js');
  const { BufferPool } = await built('session/buffer-pool.js');
  const { PacketWriter } = await built('protocol/packet-writer.js');
  const { PacketType } = await built('protocol/constants.js');
  const { MemoryBackend } = await built('backends/memory/index.js');
  const { traceOperation } = await built('session/operation-trace.js');

  const files = new MemoryBackend();
  const stream = new BenchStream();
  const limits = {
    maxHandles: 16,
    maxRequestsInFlight: 1024,
    maxPacketBytes: 256 * 1024,
    maxPathBytes: 4096,
    maxNameBytes: 255,
    maxBufferedBytes: 4 * 1024 * 1024,
  };
  const hooks = {
    events: new SftpEvents(SILENT),
    gates: new SftpGates(SILENT, 1000),
    uploadDigest: undefined,
    logUploads: true,
  };
  new SftpChannel(stream, {
    session: SESSION,
    backend: files,
    uploads: new SessionUploads(),
    hooks: new SessionHooks(SESSION, { files, backendAt: () => undefined }, hooks, SILENT),
    timeouts: { open: 30_000, close: 30_000, request: 30_000 },
    limits,
    budget: new ByteBudget(2 ** 30),
    umask: 0o022,
    congested: () => false,
    buffers: new BufferPool(2 ** 24),
    beforeSend: () => undefined,
    onRefusal: () => undefined,
    log: SILENT,
  });
  const answered = async (count) => {
    while (stream.replies < count) await once(stream, 'reply');
  };
  stream.push(new PacketWriter(PacketType.INIT).uint32(3).finish());
  await answered(1);
  const packet = new PacketWriter(PacketType.STAT).uint32(7).text('/').finish();
  const packets = Buffer.concat(Array.from({ length: BATCH }, () => packet));
  const request = { id: 7, body: { type: 'stat', path: '/' } };
  return {
    traceOnce: () => traceOperation({ session: SESSION, limits }, request),
    /** @returns nanoseconds of one request */
    stat: async (requests) => {
      const before = process.cpuUsage();
      for (let sent = 0; sent < requests; sent += BATCH) {
        const answeredBefore = stream.replies;
        stream.push(packets);
        await answered(answeredBefore + BATCH);
      }
      return cpuSince(before) / requests;
    },
  };
}
