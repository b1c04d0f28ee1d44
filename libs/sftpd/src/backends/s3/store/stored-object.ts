import type { ObjectMetadata } from '../object-attributes.js';

/** Headers that an object keeps and a rewrite of its metadata must carry over. */
export interface ContentHeaders {
  readonly CacheControl?: string;
  readonly ContentDisposition?: string;
  readonly ContentEncoding?: string;
  readonly ContentLanguage?: string;
  readonly ContentType?: string;
}

/** One version of an object's content, as far as its store can tell it from others. */
export interface ObjectVersion {
  readonly key: string;
  /** As the store writes it, with its quotes; empty when the store gave none. */
  readonly etag: string;
  readonly size: number;
}

/** What HEAD tells of an object. */
export interface StoredObject extends ObjectVersion {
  readonly lastModified: Date;
  readonly metadata: ObjectMetadata;
  readonly headers: ContentHeaders;
}

/** What a listing tells of an object. */
export interface ListedObject extends ObjectVersion {
  readonly lastModified: Date;
}

/** One page of a listing. */
export interface ListedPage {
  /** In the order of their keys' bytes. */
  readonly objects: readonly ListedObject[];
  /** Common prefixes: what keys begin with, up to and with the delimiter. */
  readonly prefixes: readonly string[];
  /** Asks for the next page; `undefined` after the last. */
  readonly next: string | undefined;
}

/** What is written beside the content of an object. */
export interface NewObject {
  readonly metadata: ObjectMetadata;
  /** @default none */
  readonly headers?: ContentHeaders;
}

/** What must hold of the key when an object is to appear under it. */
export interface WriteCondition {
  /** Nothing may be there (`If-None-Match: *`). */
  readonly ifNoneMatch?: '*';
}

/** A multipart upload that is open. */
export interface MultipartUpload {
  readonly key: string;
  readonly uploadId: string;
}

/** A multipart upload found in the bucket. */
export interface OpenUpload extends MultipartUpload {
  readonly initiated: Date;
}

/** A part that the store has taken. */
export interface UploadedPart {
  /** 1 to 10,000. */
  readonly partNumber: number;
  readonly etag: string;
}

/** An ETag as HTTP writes it: some stores leave its quotes out, in some answers. */
export function etagOf(etag = ''): string {
  return etag === '' || /^(W\/)?"/.test(etag) ? etag : `"${etag}"`;
}
