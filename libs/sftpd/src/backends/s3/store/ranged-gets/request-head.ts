import type { HttpRequest } from './request-handler.js';

const TARGET = /^\/[\x21-\x7e]*$/;
const FIELD_NAME = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/;
const FIELD_VALUE = /^[\t\x20-\x7e]*$/;
/** Fields that change what a connection carries. */
const FRAMING = new Set(['connection', 'content-length', 'expect', 'transfer-encoding', 'upgrade']);

/**
 * The head of a GET of a range as it goes over the connection (RFC 9112, section 3).
 *
 * @returns nothing when the request is another one, or has anything in it that such a GET has not
 */
export function rangedGetHead(request: HttpRequest): string | undefined {
  const { method, headers, body, username, password, fragment } = request;
  if (method !== 'GET' || ![body, username, password, fragment].every(isAbsent)) return undefined;
  const target = targetOf(request);
  if (!TARGET.test(target)) return undefined;
  const names = new Set<string>();
  let head = `GET ${target} HTTP/1.1\r\n`;
  for (const [name, value] of Object.entries(headers)) {
    const lowerCase = name.toLowerCase();
    const isPlain = FIELD_NAME.test(name) && FIELD_VALUE.test(value) && !FRAMING.has(lowerCase);
    if (!isPlain || names.has(lowerCase)) return undefined;
    names.add(lowerCase);
    head += `${name}: ${value}\r\n`;
  }
  if (!names.has('range') || !names.has('host')) return undefined;
  return `${head}connection: keep-alive\r\n\r\n`;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/** Path and query, escaped as the signature has them. */
function targetOf({ path, query = {} }: HttpRequest): string {
  const fields = Object.keys(query)
    .sort()
    .flatMap((name) => {
      const value = query[name];
      if (value === undefined || value === null) return escaped(name);
      const values = typeof value === 'string' ? [value] : value;
      return values.map((one) => `${escaped(name)}=${escaped(one)}`);
    });
  return fields.length === 0 ? path : `${path}?${fields.join('&')}`;
}

function escaped(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
