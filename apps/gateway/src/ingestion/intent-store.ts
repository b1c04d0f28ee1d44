import type { UploadIntent } from './upload-intent.js';

/**
 * Notes uploads down, so that they outlive the process that takes them. Each process has a part of its own in the
 * store. No call waits without end.
 */
export interface IntentStore {
  /** Says that this process lives. Called before anything else, and tried again when it fails. */
  open(): Promise<void>;

  /**
   * Notes an upload of this process down, or notes down anew what has become of it.
   *
   * @returns when it outlives this process
   * @throws Error when it may not; it may be there nevertheless
   */
  put(intent: UploadIntent): Promise<void>;

  /** Strikes out an upload of any process; does nothing when there is none. */
  remove(intent: Pick<UploadIntent, 'id' | 'instance'>): Promise<void>;

  /**
   * Says that this process still lives.
   *
   * @returns `false` when the store took it for gone: what it has put may be struck out, and is to be put again
   */
  keepAlive(): Promise<boolean>;

  /** The uploads of processes that are gone. May be read by several processes at a time. */
  abandoned(): AsyncIterable<UploadIntent>;

  /** Says that this process ends: what it leaves behind is abandoned from now on. */
  close(): Promise<void>;
}
