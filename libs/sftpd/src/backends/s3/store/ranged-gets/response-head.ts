import { maxHeaderSize } from 'node:http';

/** The head of an answer in the plain form, with a body of known length behind it. */
export interface ResponseHead {
  readonly statusCode: 200 | 206;
  readonly reason: string;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the body, in bytes. */
  readonly contentLength: number;
  /** Whether the connection can be used again after the body. */
  readonly keepAlive: boolean;
  /** Of the head itself, in bytes. */
  readonly size: number;
}

const BEGINS = ['HTTP/1.1 200 ', 'HTTP/1.1 206 '].map((begin) => Buffer.from(begin));
const END = '\r\n\r\n';
const STATUS_LINE = /^HTTP\/1\.1 (200|206) ([\t\x20-\x7e]*)$/;
const FIELD_LINE = /^([!#$%&'*+.^_`|~\dA-Za-z-]+):([\t\x20-\x7e]*)$/;

/**
 * Reads the head of an answer (RFC 9112, sections 4 and 5), if it is of the plain form that stores give ranges in: a
 * final 200 or 206 of HTTP/1.1 in ASCII, each field once and on one line, with a Content-Length and without
 * Transfer-Encoding. It need not know more: `other` is any other answer, be it an error, an interim one or no HTTP at
 * all, and Node's own parser says what that is. So is a head longer than what that parser takes.
 *
 * @param bytes all that have come so far
 */
export function readResponseHead(bytes: Buffer): ResponseHead | 'incomplete' | 'other' {
  if (!BEGINS.some((begin) => agrees(bytes, begin))) return 'other';
  const end = bytes.indexOf(END);
  if (end < 0) return bytes.length > maxHeaderSize ? 'other' : 'incomplete';
  if (end > maxHeaderSize) return 'other';
  const [statusLine = '', ...fieldLines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = STATUS_LINE.exec(statusLine);
  const fields = readFields(fieldLines);
  if (!status || !fields || fields.has('transfer-encoding')) return 'other';
  const contentLength = lengthOf(fields.get('content-length'));
  if (contentLength === undefined) return 'other';
  return {
    statusCode: status[1] === '200' ? 200 : 206,
    reason: status[2] ?? '',
    headers: Object.fromEntries(fields),
    contentLength,
    keepAlive: (fields.get('connection') ?? 'keep-alive').toLowerCase() === 'keep-alive',
    size: end + END.length,
  };
}

function agrees(bytes: Buffer, begin: Buffer): boolean {
  const length = Math.min(bytes.length, begin.length);
  return bytes.compare(begin, 0, length, 0, length) === 0;
}

function readFields(lines: readonly string[]): Map<string, string> | undefined {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = FIELD_LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    const lowerCase = name.toLowerCase();
    if (fields.has(lowerCase)) return undefined;
    fields.set(lowerCase, value.trim());
  }
  return fields;
}

function lengthOf(text = ''): number | undefined {
  const length = /^\d+$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(length) ? length : undefined;
}
