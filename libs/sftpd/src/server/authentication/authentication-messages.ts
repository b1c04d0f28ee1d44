/** Message numbers (RFC 4250, section 4.1.2; RFC 4256, section 5). */
export const SERVICE_REQUEST = 5;
export const USERAUTH_REQUEST = 50;
export const USERAUTH_INFO_RESPONSE = 61;
export const FIRST_OF_AUTHENTICATION = 50;
export const LAST_OF_AUTHENTICATION = 79;
/** The first number of the protocols that run after log-in (RFC 4252, section 6). */
export const GLOBAL_REQUEST = 80;

/** Bytes of one answer. */
const MAX_ANSWER_BYTES = 4096;

/** Who wants to log in, and how. */
export interface RequestHead {
  /** User name and service as they came, in bytes: they tell one user from another. */
  readonly identity: Buffer;
  readonly service: string;
  readonly method: string;
  /** Where the method begins. */
  readonly methodStart: number;
}

/** Reads the beginning of an `SSH_MSG_USERAUTH_REQUEST`; `undefined` when it is damaged. */
export function requestHead(payload: Buffer): RequestHead | undefined {
  const username = stringAt(payload, 1);
  const service = username && stringAt(payload, username.end);
  const method = service && stringAt(payload, service.end);
  if (method === undefined) return undefined;
  return {
    identity: payload.subarray(1, service?.end),
    service: service?.bytes.toString('latin1') ?? '',
    method: method.bytes.toString('latin1'),
    methodStart: service?.end ?? 0,
  };
}

/** The same request by the method `none`, which asks for the methods that there are (RFC 4252, section 5.2). */
export function asQuestionForMethods(payload: Buffer, { methodStart }: RequestHead): Buffer {
  const none = Buffer.from('\0\0\0\u0004none', 'latin1');
  return Buffer.concat([payload.subarray(0, methodStart), none]);
}

/** The service that an `SSH_MSG_SERVICE_REQUEST` asks for. */
export function requestedService(payload: Buffer): string | undefined {
  return stringAt(payload, 1)?.bytes.toString('latin1');
}

/**
 * Whether an `SSH_MSG_USERAUTH_INFO_RESPONSE` has one answer for each prompt, and none that is too long. Nothing is
 * allocated for what it announces.
 */
export function answersFit(payload: Buffer, prompts: number): boolean {
  if (payload.length < 5 || payload.readUInt32BE(1) !== prompts) return false;
  let position = 5;
  for (let n = 0; n < prompts; n += 1) {
    const answer = stringAt(payload, position);
    if (answer === undefined || answer.bytes.length > MAX_ANSWER_BYTES) return false;
    position = answer.end;
  }
  return position === payload.length;
}

/** A string of SSH (RFC 4251, section 5). */
function stringAt(
  payload: Buffer,
  position: number,
): { readonly bytes: Buffer; readonly end: number } | undefined {
  const start = position + 4;
  if (start > payload.length) return undefined;
  const end = start + payload.readUInt32BE(position);
  return end > payload.length ? undefined : { bytes: payload.subarray(start, end), end };
}
