import type { ConnectionRefusedEvent, SftpEvents } from 'nestjs-sftpd';

import { within } from '../../support/raw-transport.js';

/** Collects the events `connection.refused` of a server. */
export class Refusals {
  readonly all: ConnectionRefusedEvent[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(events: SftpEvents) {
    events.on('connection.refused', (event) => {
      this.all.push(event);
      for (const look of this.#waiting) look();
    });
  }

  /** The reasons until now, in order. */
  get reasons(): string[] {
    return this.all.map(({ reason }) => reason);
  }

  /** Waits until there have been so many. */
  async count(number: number): Promise<readonly ConnectionRefusedEvent[]> {
    const enough = new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.all.length < number) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
    await within(enough, `${number} refusals, of which there are ${this.all.length}`);
    return this.all;
  }
}
