/** A request as rules see it. */
export interface ProxiedRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  /** Decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Which requests are meant. */
export type Match = (request: ProxiedRequest) => boolean;

/** What is done to a request. */
export interface Fault {
  /** Milliseconds that it waits first. */
  readonly delay?: number;
  /** HTTP status that answers it in the store's place. */
  readonly status?: number;
  /** Name of the error in that answer. @default 'SlowDown' */
  readonly code?: string;
  /** Never answer. */
  readonly hang?: boolean;
  /** Pass so many bytes of the answer's body on, at least 1, and break the connection. */
  readonly truncateAfter?: number;
  /** Pass so many bytes of the request's body on, at least 1, and break the connection. */
  readonly cutUploadAfter?: number;
}

/** One rule of a fault proxy. */
export class FaultRule {
  readonly #match: Match;
  readonly #times: number;
  #hits = 0;

  constructor(
    match: Match,
    readonly fault: Fault,
    times: number,
  ) {
    this.#match = match;
    this.#times = times;
  }

  /** How often it has been applied. */
  get hits(): number {
    return this.#hits;
  }

  /** Whether it does more than to wait. */
  get isFinal(): boolean {
    return Object.keys(this.fault).some((name) => name !== 'delay');
  }

  /** Whether it applies to a request; counts it if so. */
  take(request: ProxiedRequest): boolean {
    if (this.#hits >= this.#times || !this.#match(request)) return false;
    this.#hits += 1;
    return true;
  }
}

/** Everything. */
export const anyRequest: Match = () => true;

/** The content of an object, or a range of it. */
export const isGet: Match = ({ method, query }) =>
  method === 'GET' && !query.has('list-type') && !query.has('uploads') && !query.has('uploadId');

/** A listing of objects. */
export const isList: Match = ({ method, query }) => method === 'GET' && query.has('list-type');

/** An object in one request. */
export const isPut: Match = ({ method, query }) => method === 'PUT' && !query.has('uploadId');

/** The begin of a multipart upload. */
export const isBegin: Match = ({ method, query }) => method === 'POST' && query.has('uploads');

/** One part of a multipart upload. */
export const isPart: Match = ({ method, query }) => method === 'PUT' && query.has('partNumber');

/** The end of a multipart upload that makes an object of it. */
export const isComplete: Match = ({ method, query }) => method === 'POST' && query.has('uploadId');

/** The end of a multipart upload that makes nothing of it. */
export const isAbort: Match = ({ method, query }) => method === 'DELETE' && query.has('uploadId');

/** Anything that changes what is stored. */
export const isChange: Match = ({ method }) => method !== 'GET' && method !== 'HEAD';
