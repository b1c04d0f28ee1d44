import { Socket } from 'node:net';

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import {
  AggregationTemporality,
  type DataPoint,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

import { sftpTracing, isTraced, Trace } from '../events/tracing.js';
import type { OperationMessage } from '../events/tracing-messages.js';
import type { OpenFlags } from '../filesystem/open-file.js';
import { normalizePath } from '../filesystem/path.js';
import type { SftpSession } from '../filesystem/session.js';
import { SftpError } from '../filesystem/sftp-error.js';
import { type ConnectionTrace, traceConnection } from '../server/connection-trace.js';
import { SftpTelemetry, type SftpTelemetryOptions } from './sftp-telemetry.js';

const peer = { address: '192.0.2.7', port: 50_000, ident: 'Test_1.0' };
const session: SftpSession = { id: 'c1', username: 'ann', peer, attributes: {} };
const flags: OpenFlags = {
  read: false,
  write: true,
  append: false,
  create: true,
  truncate: true,
  exclusive: false,
};
const upload = {
  session,
  backend: 'archive',
  path: normalizePath('/in/a.csv'),
  transferId: 'c1-1',
};

const spans = new InMemorySpanExporter();
let points: InMemoryMetricExporter;
let reader: PeriodicExportingMetricReader;
let telemetry: SftpTelemetry | undefined;

function start(options?: SftpTelemetryOptions): SftpTelemetry {
  telemetry = new SftpTelemetry(
    options ?? {
      tracerProvider: new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }),
      meterProvider: new MeterProvider({ readers: [reader] }),
    },
  );
  telemetry.onModuleInit();
  return telemetry;
}

beforeEach(() => {
  points = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  reader = new PeriodicExportingMetricReader({ exporter: points, exportIntervalMillis: 3_600_000 });
});

afterEach(async () => {
  telemetry?.onApplicationShutdown();
  telemetry = undefined;
  await reader.shutdown();
  spans.reset();
  jest.restoreAllMocks();
});

function opened(): ConnectionTrace {
  const trace = traceConnection('c1', peer, new Socket());
  if (trace === undefined) throw new Error('Nobody is told of connections');
  return trace;
}

function operation(told: Partial<OperationMessage>): void {
  new Trace(sftpTracing.operation, {
    connectionId: 'c1',
    session,
    operation: 'stat',
    path: normalizePath('/secret/name'),
    to: undefined,
    bytes: 0,
    duration: undefined,
    error: undefined,
    ...told,
  }).finish({});
}

/** The points of a metric: attributes and value. */
async function metric(name: string): Promise<[Record<string, unknown>, number][]> {
  points.reset();
  await reader.forceFlush();
  const metrics = points.getMetrics().flatMap((all) => all.scopeMetrics.flatMap((s) => s.metrics));
  const found = metrics.find(({ descriptor }) => descriptor.name === name);
  return (found?.dataPoints ?? []).map(({ attributes, value }: DataPoint<unknown>) => [
    attributes,
    typeof value === 'number' ? value : (value as { count: number }).count,
  ]);
}

function spanOf(name: string): ReadableSpan {
  const found = spans.getFinishedSpans().find((span) => span.name === name);
  if (found === undefined) throw new Error(`No span ${name} has ended`);
  return found;
}

describe('spans', () => {
  it('an upload is a child of its session, and that of its connection', () => {
    const told = start();
    const connection = opened();
    told.sessionOpened({ session });
    connection.loggedIn(session);
    told.uploadStarted({ ...upload, flags });
    told.uploadCompleted({ ...upload, bytes: 10, size: 30, duration: 5, digest: undefined });
    connection.closed();
    told.sessionClosed({ session, duration: 9 });

    const [file, logIn, outer] = ['sftp.upload', 'sftp.session', 'sftp.connection'].map(spanOf);
    expect(file?.parentSpanContext?.spanId).toBe(logIn?.spanContext().spanId);
    expect(logIn?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
    expect(outer?.parentSpanContext).toBeUndefined();
    expect(outer?.attributes).toMatchObject({
      'client.address': '192.0.2.7',
      'client.port': 50_000,
      'network.transport': 'tcp',
      'user.name': 'ann',
    });
    expect(file?.attributes).toMatchObject({
      'file.path': '/in/a.csv',
      'file.size': 30,
      'sftp.transfer.bytes': 10,
      'sftp.backend': 'archive',
      'sftp.upload.outcome': 'completed',
      'user.name': 'ann',
    });
  });

  it('an upload that is aborted is an error of its reason', () => {
    const told = start();
    told.uploadStarted({ ...upload, flags });
    const error = new SftpError('ENOSPC');
    told.uploadAborted({ ...upload, bytes: 3, duration: 5, reason: 'write', error });
    const { status, attributes, events } = spanOf('sftp.upload');
    expect(status).toEqual({ code: 2, message: 'write' });
    expect(attributes).toMatchObject({ 'error.type': 'write', 'sftp.upload.outcome': 'aborted' });
    expect(events).toHaveLength(1);
  });

  it('a refusal is an event of its connection, and a failure its error', () => {
    const told = start();
    const connection = opened();
    const { address, port } = peer;
    told.connectionRefused({
      connectionId: 'c1',
      address,
      port,
      username: undefined,
      reason: 'idleTimeout',
    });
    connection.failed(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    connection.closed();
    const { events, attributes } = spanOf('sftp.connection');
    expect(events[0]).toMatchObject({
      name: 'sftp.connection.refused',
      attributes: { 'sftp.refusal.reason': 'idleTimeout' },
    });
    expect(attributes['error.type']).toBe('ECONNRESET');
  });

  it('what is open when the application ends is ended, and nothing is told after that', () => {
    const told = start();
    opened();
    told.sessionOpened({ session });
    told.onApplicationShutdown();
    expect(spans.getFinishedSpans().map(({ name }) => name)).toEqual([
      'sftp.session',
      'sftp.connection',
    ]);
    expect(isTraced(sftpTracing.connection)).toBe(false);
    expect(isTraced(sftpTracing.operation)).toBe(false);
  });
});

describe('metrics', () => {
  it('operations are counted and timed by name and error', async () => {
    start();
    operation({});
    operation({});
    operation({ error: new SftpError('ENOENT') });
    const expected = [
      [{ 'sftp.operation': 'stat' }, 2],
      [{ 'sftp.operation': 'stat', 'error.type': 'ENOENT' }, 1],
    ];
    expect(await metric('sftp.server.operations')).toEqual(expected);
    expect(await metric('sftp.server.operation.duration')).toEqual(expected);
  });

  it('bytes are counted by direction', async () => {
    start();
    operation({ operation: 'write', bytes: 100 });
    operation({ operation: 'write', bytes: 11 });
    operation({ operation: 'read', bytes: 7 });
    expect(await metric('sftp.server.io')).toEqual([
      [{ 'network.io.direction': 'receive' }, 111],
      [{ 'network.io.direction': 'transmit' }, 7],
    ]);
  });

  it('open connections and sessions go up and down', async () => {
    const told = start();
    const connection = opened();
    told.sessionOpened({ session });
    expect(await metric('sftp.server.active_connections')).toEqual([[{}, 1]]);
    expect(await metric('sftp.server.active_sessions')).toEqual([[{}, 1]]);
    connection.closed();
    told.sessionClosed({ session, duration: 1 });
    expect(await metric('sftp.server.active_connections')).toEqual([[{}, 0]]);
    expect(await metric('sftp.server.active_sessions')).toEqual([[{}, 0]]);
  });

  it('a connection whose beginning was not told does not count down', async () => {
    const other = noop();
    sftpTracing.connection.subscribe(other);
    const before = opened();
    start();
    before.closed();
    sftpTracing.connection.unsubscribe(other);
    expect(await metric('sftp.server.active_connections')).toEqual([]);
  });

  it('failures to log in are counted by the methods that there are', async () => {
    const told = start();
    const attempt = { connectionId: 'c1', address: '', port: 1, username: 'x', failures: 1 };
    for (const method of ['password', 'publickey', 'made up', 'invented']) {
      told.authFailed({ ...attempt, method });
    }
    expect(await metric('sftp.server.auth.failures')).toEqual([
      [{ 'sftp.auth.method': 'password' }, 1],
      [{ 'sftp.auth.method': 'publickey' }, 1],
      [{ 'sftp.auth.method': '_OTHER' }, 2],
    ]);
  });

  it('uploads are counted and timed by their outcome', async () => {
    const told = start();
    told.uploadCompleted({ ...upload, bytes: 1, size: 1, duration: 5, digest: undefined });
    told.uploadAborted({ ...upload, bytes: 1, duration: 5, reason: 'gate', error: undefined });
    const expected = [
      [{ 'sftp.upload.outcome': 'completed' }, 1],
      [{ 'sftp.upload.outcome': 'aborted', 'error.type': 'gate' }, 1],
    ];
    expect(await metric('sftp.server.uploads')).toEqual(expected);
    expect(await metric('sftp.server.upload.duration')).toEqual(expected);
  });

  it('say nothing of paths, users and ids', async () => {
    const told = start();
    opened().closed();
    told.sessionOpened({ session });
    operation({ operation: 'write', bytes: 1, error: new SftpError('EIO', 'secret') });
    told.uploadAborted({ ...upload, bytes: 1, duration: 5, reason: 'gate', error: undefined });
    await reader.forceFlush();
    const all = points
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
      .flatMap(({ dataPoints }) => dataPoints.map(({ attributes }) => attributes));
    expect(all.length).toBeGreaterThan(5);
    expect(JSON.stringify(all)).not.toMatch(/secret|ann|c1|in\/a|192/);
  });
});

describe('a provider that fails', () => {
  it('is told once in the log, and disturbs nobody', () => {
    const error = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const fails = (): never => {
      throw new Error('out of order');
    };
    const meter = new MeterProvider({ readers: [reader] }).getMeter('failing');
    jest.spyOn(meter, 'createCounter').mockReturnValue({ add: fails });
    start({ meterProvider: { getMeter: () => meter } });
    operation({});
    operation({});
    expect(error).toHaveBeenCalledTimes(1);
    expect(error).toHaveBeenCalledWith('Telemetry fails', expect.stringContaining('out of order'));
  });
});

function noop(): Record<'start' | 'end' | 'asyncStart' | 'asyncEnd' | 'error', () => void> {
  const nothing = (): void => undefined;
  return { start: nothing, end: nothing, asyncStart: nothing, asyncEnd: nothing, error: nothing };
}
