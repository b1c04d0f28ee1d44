import { isTraced, sftpTracing, Trace } from '../events/tracing.js';
import type { OperationMessage } from '../events/tracing-messages.js';
import type { SftpPath } from '../filesystem/path.js';
import { toSftpError } from '../filesystem/sftp-error.js';
import { DATA_HEADER_BYTES } from '../protocol/data-reply.js';
import { PacketType } from '../protocol/constants.js';
import type { RequestBody, SftpRequest } from '../protocol/requests.js';
import type { ChannelContext } from './channel-context.js';
import { clientPath } from './client-path.js';

/** Where the type of a packet stands: behind its length. */
const TYPE_OFFSET = 4;

type PathOf = (text: string) => SftpPath | undefined;
type HandlePathOf = (handle: Buffer) => SftpPath | undefined;

/** Tells the tracing channels of one request. */
export class OperationTrace {
  readonly #trace: Trace<OperationMessage>;
  readonly #written: number;

  /** To be made before the request is prepared: a CLOSE takes its handle away then. */
  constructor(context: ChannelContext, { body }: SftpRequest) {
    const { session } = context;
    const [path, to] = pathsOf(context, body);
    // The packet of a WRITE goes back to the pool before its reply leaves.
    this.#written = body.type === 'write' ? body.data.length : 0;
    this.#trace = new Trace(sftpTracing.operation, {
      connectionId: session.id,
      session,
      operation: body.type,
      path,
      to,
      bytes: 0,
      duration: undefined,
      error: undefined,
    });
  }

  /** @param reply its packet, which may tell of the end of a file, but of no failure */
  done(reply: Buffer): void {
    const read = reply[TYPE_OFFSET] === PacketType.DATA ? reply.length - DATA_HEADER_BYTES : 0;
    this.#trace.finish({ bytes: this.#written + read });
  }

  failed(error: unknown): void {
    this.#trace.finish({ error: toSftpError(error) });
  }
}

/** @returns nothing when nobody is told of operations */
export function traceOperation(
  context: ChannelContext,
  request: SftpRequest,
): OperationTrace | undefined {
  return isTraced(sftpTracing.operation) ? new OperationTrace(context, request) : undefined;
}

function pathsOf(
  { limits, handles }: ChannelContext,
  body: RequestBody,
): readonly [path?: SftpPath | undefined, to?: SftpPath | undefined] {
  const named: PathOf = (text) => orNothing(() => clientPath(text, limits));
  const opened: HandlePathOf = (handle) => orNothing(() => handles.get(handle).path);
  if (body.type === 'copy-data') return [opened(body.source), opened(body.target)];
  if (body.type === 'hardlink@openssh.com') return [named(body.existing), named(body.path)];
  if ('handle' in body) return [opened(body.handle)];
  if ('from' in body) return [named(body.from), named(body.to)];
  return 'path' in body ? [named(body.path)] : [];
}

/** What a request gets wrong is answered by its handler. */
function orNothing<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}
