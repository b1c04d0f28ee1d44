import { describe, expect, it } from '@jest/globals';

import { rangedGetHead } from './request-head.js';
import { rangedGet } from './spec-support/requests.js';

const HEADERS = { host: 'h', range: 'bytes=0-9' };

describe('the head of a GET of a range', () => {
  it('has the target and the fields of the request, in their order', () => {
    expect(
      rangedGetHead(
        rangedGet(80, { headers: { ...HEADERS, 'x-amz-date': '2026', Authorization: 'AWS4 x=y' } }),
      ),
    ).toBe(
      'GET /bucket/key?x-id=GetObject HTTP/1.1\r\nhost: h\r\nrange: bytes=0-9\r\nx-amz-date: 2026\r\n' +
        'Authorization: AWS4 x=y\r\nconnection: keep-alive\r\n\r\n',
    );
  });

  it.each([
    [{}, '/k'],
    [{ b: '1', a: '2' }, '/k?a=2&b=1'],
    [{ a: "x y!'()*&=+/é" }, '/k?a=x%20y%21%27%28%29%2A%26%3D%2B%2F%C3%A9'],
    [{ a: ['1', '2'], versionId: null, empty: '' }, '/k?a=1&a=2&empty=&versionId'],
  ])('escapes the query %p as signatures do', (query, target) => {
    expect(rangedGetHead(rangedGet(80, { path: '/k', query }))).toContain(`GET ${target} HTTP/1.1`);
  });

  it.each([
    ['another method', { method: 'HEAD' }],
    ['no range', { headers: { host: 'h' } }],
    ['no host', { headers: { range: 'bytes=0-9' } }],
    ['a body', { body: 'x' }],
    ['a name and a password', { username: 'n', password: 'p' }],
    ['a fragment', { fragment: 'f' }],
    ['a blank in its path', { path: '/a b' }],
    ['a line break in its path', { path: '/a\r\nx: y' }],
    ['a path beyond ASCII', { path: '/é' }],
    ['no path', { path: '' }],
    ['a line break in a field', { headers: { ...HEADERS, x: 'a\r\ny: b' } }],
    ['a field beyond ASCII', { headers: { ...HEADERS, x: 'é' } }],
    ['a colon in a name', { headers: { ...HEADERS, 'x:y': 'a' } }],
    ['a field twice', { headers: { ...HEADERS, Range: 'bytes=0-8' } }],
    ['Expect', { headers: { ...HEADERS, Expect: '100-continue' } }],
    ['Connection', { headers: { ...HEADERS, connection: 'close' } }],
    ['Transfer-Encoding', { headers: { ...HEADERS, 'transfer-encoding': 'chunked' } }],
  ])('is not made of a request with %s', (_, more) => {
    expect(rangedGetHead(rangedGet(80, more))).toBeUndefined();
  });
});
