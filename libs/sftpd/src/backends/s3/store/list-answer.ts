import { decodeListed } from './listed-keys.js';
import { etagOf, type ListedObject } from './stored-object.js';

const CONTENTS = /<Contents>(.*?)<\/Contents>/gs;
/** A tag of an object that is written in another way. */
const LEFT_OVER = /<\/?([\w.-]+:)?Contents\b/;
const FIELD = /<(Key|LastModified|ETag|Size)>([^<]*)<\/\1>/g;
const ENTITY = /&(?:#(\d+)|#x([\da-f]+)|(amp|lt|gt|quot|apos));/gi;

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
  const key = fields.get('Key');
  const size = /^\d+$/.test(fields.get('Size') ?? '') ? Number(fields.get('Size')) : NaN;
  const lastModified = new Date(fields.get('LastModified') ?? '');
  if (key === undefined || !Number.isSafeInteger(size) || Number.isNaN(lastModified.getTime())) {
    return undefined;
  }
  return {
    key: decodeListed(unescapeXml(key), encoded),
    etag: etagOf(unescapeXml(fields.get('ETag') ?? '')),
    size,
    lastModified,
  };
}

function unescapeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(ENTITY, (_, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return NAMED_ENTITIES.get(name) ?? '';
    return String.fromCodePoint(parseInt(decimal ?? hex ?? '', decimal ? 10 : 16));
  });
}
