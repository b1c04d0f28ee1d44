import type { S3Settings } from '../s3-settings.js';
import type { ObjectStore } from '../store/object-store.js';
import { KnownAttributes } from './known-attributes.js';
import { KnownDirectories } from './known-directories.js';
import { KnownNames } from './known-names.js';
import { Turns } from './turns.js';

/** What a backend remembers of its tree; one for all sessions, as keys are the bucket's. */
export class TreeMemory {
  readonly directories = new KnownDirectories();
  readonly attributes = new KnownAttributes();
  readonly names = new KnownNames();
  readonly turns = new Turns();
}

/** The requests that work on the tree is done with. */
export type TreeStore = Pick<
  ObjectStore,
  | 'head'
  | 'list'
  | 'put'
  | 'delete'
  | 'deleteAll'
  | 'copy'
  | 'read'
  | 'beginMultipart'
  | 'uploadPart'
  | 'copyPart'
  | 'listParts'
  | 'complete'
  | 'abortMultipart'
>;

/** The multipart uploads that this process is at work on. */
export interface UploadRegister {
  has(uploadId: string): boolean;
  add(uploadId: string): void;
  delete(uploadId: string): void;
}

/** Whether conditions are to be sent, and who is told of a store that refuses one. */
export interface Conditions {
  readonly supported: boolean;
  refusedBy(error: unknown): boolean;
}

/** What work on the tree needs of an `S3Context`. */
export interface TreeContext {
  readonly store: TreeStore;
  readonly settings: Pick<S3Settings, 'copyConcurrency' | 'transferTimeout' | 'log'>;
  readonly tree: TreeMemory;
  /** What the store makes of conditions. */
  readonly conditionalWrites: Conditions;
  /** Told of multipart copies, so that none is taken for abandoned. */
  readonly openUploads?: UploadRegister;
}
