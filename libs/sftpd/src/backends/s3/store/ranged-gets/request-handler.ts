/** A request as the SDK hands it to its request handler, signed. The SDK's own types leave this open. */
export interface HttpRequest {
  readonly method: string;
  /** With its colon. */
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  /** Escaped. */
  readonly path: string;
  /** Not escaped. */
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly fragment?: string | undefined;
}

/** An answer as the SDK wants it from its request handler. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly reason: string;
  /** By their names in lower case; the SDK changes them. */
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

/** What the SDK asks of its request handler beside the request. */
export interface HandlerOptions {
  /** An `AbortSignal`, or what the SDK has taken for one before there were any. */
  readonly abortSignal?: unknown;
}

/** What sends the SDK's requests. */
export interface RequestHandler {
  readonly metadata?: { readonly handlerProtocol: string };
  handle(request: HttpRequest, options?: HandlerOptions): Promise<{ response: HttpResponse }>;
  destroy?(): void;
}
