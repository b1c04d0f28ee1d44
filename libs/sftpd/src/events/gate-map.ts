import type { Readable } from 'node:stream';

import type { OpenFlags } from '../filesystem/open-file.js';
import type { SftpPath } from '../filesystem/path.js';
import type { PathEvent, StorageEvent, TransferEvent } from './storage-events.js';

/** A file is about to be opened: for writing at `upload.open`, for reading only at `download.open`. */
export interface OpenGateContext extends PathEvent {
  /** How it is opened. */
  readonly flags: OpenFlags;
}

/** What a file or a directory is about to be renamed to. */
export interface RenameGateContext extends StorageEvent {
  /** The name that it has, as the session sees it. */
  readonly from: SftpPath;
  /** The name that it is to have. */
  readonly to: SftpPath;
  /** Whether what has the name already would be replaced. */
  readonly overwrite: boolean;
}

/** An upload that the client has closed. Nothing of it is committed yet. */
export interface CommitGateContext extends TransferEvent {
  /** Bytes that the client has sent for it. */
  readonly bytes: number;
  /** Bytes of the file that is about to be stored. */
  readonly size: number;
  /**
   * The content as it is going to be stored, from its first byte. May be called several times; streams that are left
   * open are ended when the gate has decided. Nothing where the storage cannot show what is not committed, and where
   * all gates say that they do not look (`content: false`).
   */
  readonly read: (() => Readable) | undefined;
  /** Aborted when the gate's time is over. */
  readonly signal: AbortSignal;
}

/** An upload that the storage has, and whose client is not told so yet. */
export interface AcknowledgeGateContext extends TransferEvent {
  /** Bytes that the client has sent for it. */
  readonly bytes: number;
  /** Bytes of the file as it is stored. */
  readonly size: number;
}

/** What must be allowed before it happens, by the names of the gates. */
export interface SftpGateMap {
  /** A file is opened for writing. */
  readonly 'upload.open': OpenGateContext;
  /** A client has closed an upload, and it is about to be stored. */
  readonly 'upload.commit': CommitGateContext;
  /** An upload is stored, and the client is about to be told. */
  readonly 'upload.acknowledge': AcknowledgeGateContext;
  /** A file is opened for reading only. */
  readonly 'download.open': OpenGateContext;
  /** A file is removed. */
  readonly 'file.remove': PathEvent;
  /** A file or a directory is renamed. */
  readonly 'file.rename': RenameGateContext;
  /** A directory is made. */
  readonly 'directory.create': PathEvent;
  /** A directory is removed. */
  readonly 'directory.remove': PathEvent;
}

/** The name of a gate. */
export type SftpGateName = keyof SftpGateMap;

/**
 * What a gate decides: nothing or `true` lets it pass. `false` refuses, and so does a text, which the client is told.
 * An `SftpError` that is thrown refuses with its own code and message; anything else that is thrown refuses, too, and
 * is logged.
 */
export type GateVerdict = boolean | string | undefined;

const NAMES: Readonly<Record<SftpGateName, true>> = {
  'upload.open': true,
  'upload.commit': true,
  'upload.acknowledge': true,
  'download.open': true,
  'file.remove': true,
  'file.rename': true,
  'directory.create': true,
  'directory.remove': true,
};

/** Whether there is a gate of that name. */
export function isSftpGateName(name: unknown): name is SftpGateName {
  return typeof name === 'string' && Object.hasOwn(NAMES, name);
}
