import type { OpenFile, RandomAccessBackend, SftpSession } from 'nestjs-sftpd';

import { within } from '../../support/raw-transport.js';

/** What a test lets the backend wait for before a call goes on. */
export interface Gates {
  beforeOpen?: () => Promise<void>;
  beforeRead?: () => Promise<void>;
  beforeWrite?: () => Promise<void>;
  beforeClose?: () => Promise<void>;
}

/** A storage of a test, with a book of what the server has asked of it. */
export interface Watched<B extends RandomAccessBackend> {
  readonly backend: B;
  readonly ledger: Ledger;
  /** May be changed while the server runs. */
  readonly gates: Gates;
}

/** Counts of a backend's calls, and waits for them. */
export class Ledger {
  opened = 0;
  closed = 0;
  aborted = 0;
  bytesRead = 0;
  bytesWritten = 0;
  readonly sessions: SftpSession[] = [];
  readonly #checks = new Set<() => void>();

  /** To be called after every change of the counts. */
  changed(): void {
    for (const check of [...this.#checks]) check();
  }

  /** Waits until the counts are as wanted. */
  async until(wanted: (ledger: this) => boolean, what: string): Promise<void> {
    if (wanted(this)) return;
    let check = (): void => undefined;
    const seen = new Promise<void>((resolve) => {
      check = () => {
        if (wanted(this)) resolve();
      };
      this.#checks.add(check);
    });
    try {
      await within(seen, `${what}; the backend has seen ${JSON.stringify(this)}`);
    } finally {
      this.#checks.delete(check);
    }
  }

  toJSON(): object {
    const { opened, closed, aborted, bytesRead, bytesWritten } = this;
    return { opened, closed, aborted, bytesRead, bytesWritten };
  }
}

/** Puts a book and gates in front of a backend's `openFile`. */
export function watched<B extends RandomAccessBackend>(backend: B, gates: Gates = {}): Watched<B> {
  const ledger = new Ledger();
  const openFile = backend.openFile.bind(backend);
  backend.openFile = async (path, flags, session) => {
    ledger.sessions.push(session);
    await gates.beforeOpen?.();
    const file = await openFile(path, flags, session);
    ledger.opened++;
    ledger.changed();
    return watchedFile(file, ledger, gates);
  };
  return { backend, ledger, gates };
}

/** A barrier that holds calls back until it is opened. */
export class Gate {
  readonly #opened: Promise<void>;
  #open: () => void = () => undefined;
  /** How many calls have come to it. */
  arrived = 0;
  #onArrival: () => void = () => undefined;

  constructor() {
    this.#opened = new Promise((resolve) => (this.#open = resolve));
  }

  readonly pass = async (): Promise<void> => {
    this.arrived++;
    this.#onArrival();
    await this.#opened;
  };

  open(): void {
    this.#open();
  }

  /** Waits until a call stands before the gate. */
  async reached(what: string): Promise<void> {
    if (this.arrived > 0) return;
    await within(new Promise<void>((resolve) => (this.#onArrival = resolve)), what);
  }
}

/** A call that never settles. */
export const never = (): Promise<never> => new Promise<never>(() => undefined);

function watchedFile(file: OpenFile, ledger: Ledger, gates: Gates): OpenFile {
  const count = (change: () => void): void => {
    change();
    ledger.changed();
  };
  return {
    read: async (target, offset) => {
      await gates.beforeRead?.();
      const length = await file.read(target, offset);
      count(() => (ledger.bytesRead += length));
      return length;
    },
    write: async (data, offset) => {
      await gates.beforeWrite?.();
      await file.write(data, offset);
      count(() => (ledger.bytesWritten += data.length));
    },
    stat: () => file.stat(),
    close: async () => {
      await gates.beforeClose?.();
      await file.close();
      count(() => (ledger.closed += 1));
    },
    abort: async () => {
      await file.abort();
      count(() => (ledger.aborted += 1));
    },
  };
}
