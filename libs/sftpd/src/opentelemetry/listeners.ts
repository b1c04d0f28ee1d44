import { type Channel, subscribe, unsubscribe } from 'node:diagnostics_channel';

/** Subscribes to channels of diagnostics, so that nothing that goes wrong here reaches the server. */
export class Listeners {
  readonly #onFailure: (error: unknown) => void;
  readonly #gone: (() => void)[] = [];
  #failed = false;

  /** @param onFailure told of the first failure; the others would say the same */
  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  add<Message>(channel: Channel<unknown, Message>, tell: (message: Message) => void): void {
    const { name } = channel;
    const listener = (message: unknown): void => {
      // Node ends the process for what a subscriber throws.
      try {
        tell(message as Message);
      } catch (error) {
        if (!this.#failed) this.#onFailure(error);
        this.#failed = true;
      }
    };
    subscribe(name, listener);
    this.#gone.push(() => unsubscribe(name, listener));
  }

  close(): void {
    for (const unsubscribeOne of this.#gone.splice(0)) unsubscribeOne();
  }
}
