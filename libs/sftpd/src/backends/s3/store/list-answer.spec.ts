import { describe, expect, it } from '@jest/globals';

import { readListAnswer } from './list-answer.js';

const HEAD =
  '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="urn:s3"><Name>b</Name>';
const TAIL = '<IsTruncated>true</IsTruncated></ListBucketResult>';
const DATE = '<LastModified>2026-11-24T10:11:12.345Z</LastModified>';
const PLAIN = `<Contents><Key>a</Key>${DATE}<ETag>"e"</ETag><Size>7</Size></Contents>`;

function objectsOf(contents: string, before = '') {
  return readListAnswer(HEAD + before + contents + TAIL)?.objects;
}

describe('readListAnswer', () => {
  it('takes the objects out and leaves the rest', () => {
    const prefix = '<CommonPrefixes><Prefix>d/</Prefix></CommonPrefixes>';
    const second = PLAIN.replace('<Key>a<', '<Key>b<').replace('>7<', '>0<');
    expect(readListAnswer(HEAD + PLAIN + prefix + second + TAIL)).toEqual({
      objects: [
        { key: 'a', etag: '"e"', size: 7, lastModified: new Date('2026-11-24T10:11:12.345Z') },
        { key: 'b', etag: '"e"', size: 0, lastModified: new Date('2026-11-24T10:11:12.345Z') },
      ],
      rest: HEAD + prefix + TAIL,
    });
  });

  it('reads fields in any order, with line breaks and fields of other kinds among them', () => {
    const contents =
      `<Contents>\n  <Owner><ID>x</ID><DisplayName>Key</DisplayName></Owner>\n  <Size>7</Size>\n` +
      `<StorageClass>STANDARD</StorageClass><ETag>&quot;e&quot;</ETag>${DATE}\n<Key>a</Key></Contents>`;
    expect(objectsOf(contents)).toMatchObject([{ key: 'a', etag: '"e"', size: 7 }]);
  });

  it('undoes the entities of XML', () => {
    const contents = PLAIN.replace('<Key>a<', '<Key>&amp;lt;&lt;&gt;&#39;&#x1F600;&apos;<');
    expect(objectsOf(contents)).toMatchObject([{ key: "&lt;<>'😀'" }]);
  });

  it('undoes the encoding of keys only where the store says that it encodes', () => {
    const contents = PLAIN.replace('<Key>a<', '<Key>a%2Bb+c%0A<');
    expect(objectsOf(contents)).toMatchObject([{ key: 'a%2Bb+c%0A' }]);
    expect(objectsOf(contents, '<EncodingType>url</EncodingType>')).toMatchObject([
      { key: 'a+b c\n' },
    ]);
  });

  it('puts the quotes around an ETag that has none, and takes none for empty', () => {
    expect(objectsOf(PLAIN.replace('"e"', 'e'))).toMatchObject([{ etag: '"e"' }]);
    expect(objectsOf(PLAIN.replace('<ETag>"e"</ETag>', ''))).toMatchObject([{ etag: '' }]);
  });

  it('takes no prefix for an object', () => {
    const prefix = '<CommonPrefixes><Prefix>Contents/</Prefix></CommonPrefixes>';
    expect(objectsOf(PLAIN, prefix)).toMatchObject([{ key: 'a' }]);
  });

  it('reads an answer without objects', () => {
    expect(readListAnswer(HEAD + TAIL)).toEqual({ objects: [], rest: HEAD + TAIL });
  });

  it.each([
    ['a comment', `<!-- ${PLAIN} -->`],
    ['CDATA', PLAIN.replace('>a<', '><![CDATA[a]]><')],
    ['attributes', PLAIN.replace('<Contents>', '<Contents x="1">')],
    ['a namespace prefix', PLAIN.replaceAll('Contents>', 's3:Contents>')],
    ['an object without an end', PLAIN.replace('</Contents>', '')],
    ['an object without a key', PLAIN.replace('<Key>a</Key>', '')],
    ['a key with elements in it', PLAIN.replace('>a<', '><b>a</b><')],
    ['no size', PLAIN.replace('<Size>7</Size>', '')],
    ['an empty size', PLAIN.replace('>7<', '><')],
    ['a size that is none', PLAIN.replace('>7<', '>1e400<')],
    ['a character beyond Unicode in a key', PLAIN.replace('>a<', '>&#x110000;<')],
    ['a character beyond all numbers in a key', PLAIN.replace('>a<', `>&#${'9'.repeat(400)};<`)],
    ['a character beyond Unicode in an ETag', PLAIN.replace('"e"', '&#1114112;')],
    ['a date that is none', PLAIN.replace('2026-11', 'yesterday')],
  ])('leaves %s to a whole parser', (_, contents) => {
    expect(objectsOf(contents)).toBeUndefined();
  });
});
