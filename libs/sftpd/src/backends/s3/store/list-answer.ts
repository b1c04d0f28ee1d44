import { decodeListed } from './listed-keys.js';
import { etagOf, type ListedObject } from './stored-object.js';

const CONTENTS = /<Contents>(.*?)<\/Contents>/gs;
/** A tag of an object that is written in another way. */
const LEFT_OVER = /<\/?([\w.-]+:)?Contents\b/;
const FIELD = /<(Key|LastModified|ETag|Size)>([^<]*)<\/\1>/g;
const ENTITY = /&(?:#(\d+)|#x([\da-f]+)|(amp|lt|gt|quot|apos));/gi;

/** Unicode has no character after it. */
const LAST_CHARACTER = 0x10ffff;

const NAMED_ENTITIES = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** The answer to a listing, taken apart. */
export interface ListAnswer {
  readonly objects: readonly ListedObject[];
  /** The XML without its objects. */
  readonly rest: string;
}

/**
 * Reads the objects of a listing (ListObjectsV2) out of its XML.
 *
 * @returns nothing when the XML is not of the plain form in which stores write it: then its objects are for a parser
 * that knows all of XML
 */
export function readListAnswer(xml: string): ListAnswer | undefined {
  // Comments, CDATA and declarations may hold what only looks like an element.
  if (xml.includes('<!')) return undefined;
  const encoded = /<EncodingType>\s*url\s*<\/EncodingType>/.test(xml);
  const objects = [...xml.matchAll(CONTENTS)].map(([, contents = '']) =>
    readObject(contents, encoded),
  );
  const rest = xml.replace(CONTENTS, '');
  if (LEFT_OVER.test(rest) || !objects.every((object) => object !== undefined)) return undefined;
  return { objects, rest };
}

function readObject(contents: string, encoded: boolean): ListedObject | undefined {
  const fields = new Map<string, string>();
  for (const [, field = '', text = ''] of contents.matchAll(FIELD)) fields.set(field, text);
  const key = unescapeXml(fields.get('Key'));
  const etag = unescapeXml(fields.get('ETag') ?? '');
  const size = /^\d+$/.test(fields.get('Size') ?? '') ? Number(fields.get('Size')) : NaN;
  const lastModified = new Date(fields.get('LastModified') ?? '');
  if (key === undefined || etag === undefined) return undefined;
  if (!Number.isSafeInteger(size) || Number.isNaN(lastModified.getTime())) return undefined;
  return { key: decodeListed(key, encoded), etag: etagOf(etag), size, lastModified };
}

/** @returns nothing for a text that names a character that there is not */
function unescapeXml(text: string | undefined): string | undefined {
  if (text?.includes('&') !== true) return text;
  for (const [, decimal, hex] of text.matchAll(ENTITY)) {
    if (codePoint(decimal, hex) > LAST_CHARACTER) return undefined;
  }
  return text.replace(ENTITY, (_, decimal?: string, hex?: string, name?: string) =>
    name === undefined
      ? String.fromCodePoint(codePoint(decimal, hex))
      : (NAMED_ENTITIES.get(name) ?? ''),
  );
}

function codePoint(decimal: string | undefined, hex = ''): number {
  return decimal === undefined ? parseInt(hex, 16) : parseInt(decimal, 10);
}
