import type { SftpEventMap } from '../../events/event-map.js';
import type { SftpGateMap } from '../../events/gate-map.js';
import { LateLog } from '../../events/late-log.js';
import type { Log } from '../../events/log.js';
import { quoted } from '../../events/printable.js';
import type { SftpEvents } from '../../events/sftp-events.js';
import type { ContentDigest, StorageEvent, TransferEvent } from '../../events/storage-events.js';
import type { MaybePromise } from '../../filesystem/maybe-promise.js';
import type { OpenFlags } from '../../filesystem/open-file.js';
import type { SftpPath } from '../../filesystem/path.js';
import type { SftpSession } from '../../filesystem/session.js';
import type { SessionTree } from '../../filesystem/storage.js';
import { then } from '../time-limit.js';
import { digestOfStored } from './digest-of-stored.js';
import { Download } from './download.js';
import type { SftpGates } from './gates.js';
import type { Transfer } from './transfer.js';
import { UploadLog } from './upload-log.js';
import { Upload } from './upload.js';

/** Whom a server tells and asks. */
export interface ServerHooks {
  readonly events: SftpEvents;
  readonly gates: SftpGates;
  /** The digest that the events of uploads carry. */
  readonly uploadDigest: string | undefined;
  /** Whether the log has a line of each upload. */
  readonly logUploads: boolean;
}

type PathGate = 'file.remove' | 'directory.create' | 'directory.remove';

const DONE = {
  'file.remove': 'file.removed',
  'directory.create': 'directory.created',
  'directory.remove': 'directory.removed',
} as const satisfies Record<PathGate, keyof SftpEventMap>;

/** Asks before a session's client does something, and tells when it has. */
export class SessionHooks {
  readonly #session: SftpSession;
  readonly #tree: SessionTree;
  readonly #hooks: ServerHooks;
  readonly #log: Log;
  readonly #lateLog: LateLog;
  readonly #uploadLog: UploadLog | undefined;
  readonly #transfers = new Set<Transfer>();
  /** Events that wait for something. */
  readonly #owed = new Set<Promise<unknown>>();
  #lastTransfer = 0;

  constructor(session: SftpSession, tree: SessionTree, hooks: ServerHooks, log: Log) {
    this.#session = session;
    this.#tree = tree;
    this.#hooks = hooks;
    this.#log = log;
    this.#lateLog = new LateLog(log);
    this.#uploadLog = hooks.logUploads ? new UploadLog(this.#lateLog) : undefined;
  }

  /** Files that are open, in the order in which they were opened. */
  get transfers(): readonly Transfer[] {
    return [...this.#transfers];
  }

  /** Settles when what the client has done has been told. */
  async settled(): Promise<void> {
    await Promise.all(this.#owed);
    this.#lateLog.flush();
  }

  /**
   * Asks whether a file may be opened.
   *
   * @returns the flags to open it with: gates that look at uploads have to be able to read them
   * @throws SftpError of the gate that refuses
   */
  opening(path: SftpPath, flags: OpenFlags): MaybePromise<OpenFlags> {
    const { gates } = this.#hooks;
    const gate = flags.write ? 'upload.open' : 'download.open';
    const used = flags.write && gates.inspects ? { ...flags, inspected: true } : flags;
    if (!gates.has(gate)) return used;
    return gates.pass(gate, { ...this.#at(path), path, flags }).then(() => used);
  }

  /** A file has been opened. */
  opened(path: SftpPath, flags: OpenFlags): Transfer {
    const { events, gates, uploadDigest } = this.#hooks;
    const about: TransferEvent = {
      ...this.#at(path),
      path,
      transferId: `${this.#session.id}-${++this.#lastTransfer}`,
    };
    const onEnd = (): void => {
      this.#transfers.delete(transfer);
    };
    const transfer: Transfer = flags.write
      ? new Upload({
          about,
          flags,
          events,
          gates,
          log: this.#uploadLog,
          digest: uploadDigest,
          digestOfStored: (algorithm) => this.#digestOf(path, algorithm),
          remove: async () => this.#tree.files.delete(path, this.#session),
          onEnd,
        })
      : new Download(about, events, onEnd);
    this.#transfers.add(transfer);
    return transfer;
  }

  /** Something is made or removed under one name, if the gate agrees. */
  change<T>(gate: PathGate, path: SftpPath, change: () => MaybePromise<T>): MaybePromise<T> {
    const { events, gates } = this.#hooks;
    const event = DONE[gate];
    if (!gates.has(gate) && !events.has(event)) return change();
    const about: SftpGateMap[PathGate] = { ...this.#at(path), path };
    return this.#around(
      () => (gates.has(gate) ? gates.pass(gate, about) : undefined),
      change,
      () => {
        events.emit(event, about);
      },
    );
  }

  /** Something gets another name, if the gate agrees. */
  rename<T>(
    names: { readonly from: SftpPath; readonly to: SftpPath; readonly overwrite: boolean },
    change: () => MaybePromise<T>,
  ): MaybePromise<T> {
    const { events, gates } = this.#hooks;
    if (!gates.has('file.rename') && !events.has('file.renamed')) return change();
    const about = { ...this.#at(names.to), ...names };
    return this.#around(
      () => (gates.has('file.rename') ? gates.pass('file.rename', about) : undefined),
      change,
      () => {
        events.emit('file.renamed', about);
      },
    );
  }

  #around<T>(
    ask: () => MaybePromise<void>,
    change: () => MaybePromise<T>,
    tell: () => void,
  ): MaybePromise<T> {
    const changed = then(ask(), change) as MaybePromise<T>;
    return then(changed, (outcome) => {
      tell();
      return outcome;
    });
  }

  #at(path: SftpPath): StorageEvent {
    return { session: this.#session, backend: this.#tree.backendAt(path) };
  }

  #digestOf(path: SftpPath, algorithm: string): Promise<ContentDigest | undefined> {
    const found: Promise<ContentDigest | undefined> = digestOfStored(
      this.#tree.files,
      path,
      this.#session,
      algorithm,
    ).catch((error: unknown) => {
      this.#log.warn(`No digest of ${quoted(path)}: it cannot be read (${String(error)})`);
      return undefined;
    });
    this.#owed.add(found);
    void found.then(() => this.#owed.delete(found));
    return found;
  }
}
