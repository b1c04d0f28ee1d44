import { maxHeaderSize } from 'node:http';

import { describe, expect, it } from '@jest/globals';

import { readResponseHead } from './response-head.js';

const PLAIN =
  'HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\nETag: "e"\r\nX-Empty:\r\n' +
  'Content-Range: \t bytes 0-4/9 \r\n\r\n';

function headOf(text: string) {
  return readResponseHead(Buffer.from(text, 'latin1'));
}

describe('the head of an answer', () => {
  it('is read when it is whole, whatever follows it', () => {
    const head = {
      statusCode: 206,
      reason: 'Partial Content',
      headers: {
        'content-length': '5',
        etag: '"e"',
        'x-empty': '',
        'content-range': 'bytes 0-4/9',
      },
      contentLength: 5,
      keepAlive: true,
      size: PLAIN.length,
    };
    expect(headOf(PLAIN)).toEqual(head);
    expect(headOf(`${PLAIN}body\r\n\r\n`)).toEqual(head);
  });

  it('is incomplete with any of its bytes missing', () => {
    for (let length = 0; length < PLAIN.length; length += 1) {
      expect(headOf(PLAIN.slice(0, length))).toBe('incomplete');
    }
  });

  it('may be without a reason', () => {
    expect(headOf(PLAIN.replace('206 Partial Content', '200 '))).toMatchObject({
      statusCode: 200,
      reason: '',
    });
  });

  it.each([
    ['keep-alive', true],
    ['Keep-Alive', true],
    ['close', false],
    ['keep-alive, close', false],
    ['upgrade', false],
    ['', false],
  ])('with Connection: %s keeps the connection: %p', (connection, keepAlive) => {
    expect(headOf(PLAIN.replace('X-Empty:', `Connection: ${connection}`))).toMatchObject({
      keepAlive,
    });
  });

  it('keeps names that objects have of their own', () => {
    const head = headOf(PLAIN.replace('X-Empty', '__proto__'));
    expect(Object.keys((head as { headers: object }).headers)).toContain('__proto__');
  });

  it.each([
    ['an error', PLAIN.replace('206', '404')],
    ['an interim answer', `HTTP/1.1 100 Continue\r\n\r\n${PLAIN}`],
    ['HTTP/1.0', PLAIN.replace('/1.1', '/1.0')],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n'],
    ['no HTTP, from its first byte', 'h'],
    ['a status of four digits', PLAIN.replace('206', '2060')],
    ['no blank before the reason', PLAIN.replace('206 Partial Content', '206')],
    ['no length', PLAIN.replace('Content-Length', 'X-Length')],
    ['an empty length', PLAIN.replace(': 5', ':')],
    ['two lengths', PLAIN.replace('X-Empty:', 'content-length: 6')],
    ['one length twice', PLAIN.replace('X-Empty:', 'content-length: 5')],
    ['a list of lengths', PLAIN.replace(': 5', ': 5, 5')],
    ['a length that is none', PLAIN.replace(': 5', ': -5')],
    ['a length with a sign', PLAIN.replace(': 5', ': +5')],
    ['a length beyond numbers', PLAIN.replace(': 5', ': 9007199254740993')],
    ['chunks', PLAIN.replace('X-Empty:', 'Transfer-Encoding: chunked')],
    ['an encoding that is none', PLAIN.replace('X-Empty:', 'transfer-encoding:')],
    ['a folded line', PLAIN.replace('X-Empty:', 'X-Empty: a\r\n b')],
    ['a line without a colon', PLAIN.replace('X-Empty:', 'X-Empty')],
    ['a line without a name', PLAIN.replace('X-Empty:', ': a')],
    ['a blank before the colon', PLAIN.replace('X-Empty:', 'X-Empty : a')],
    ['a line feed alone', PLAIN.replace('X-Empty:\r\n', 'X-Empty:\n')],
    ['a carriage return alone', PLAIN.replace('X-Empty:', 'X-Empty: a\rb')],
    ['a null byte', PLAIN.replace('X-Empty:', 'X-Empty: a\0b')],
    ['a field beyond ASCII', PLAIN.replace('X-Empty:', 'X-Empty: \xe9')],
    ['a field twice', PLAIN.replace('X-Empty:', 'etag: "f"')],
    ['a head without end', `HTTP/1.1 206 ${'x'.repeat(maxHeaderSize)}`],
    ['a head that is too long', PLAIN.replace('X-Empty:', `X: ${'x'.repeat(maxHeaderSize)}`)],
  ])('that has %s is left to Node', (_, text) => {
    expect(headOf(text)).toBe('other');
  });
});
