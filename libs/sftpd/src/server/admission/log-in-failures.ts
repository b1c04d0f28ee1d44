import type { Lockout } from './lockout.js';

/** Methods with which a client may guess; the others are no attempt, or not to be guessed. */
const GUESSES: readonly string[] = ['password', 'keyboard-interactive'];

/**
 * Decides which failures of one connection are counted against its address.
 *
 * A wrong password or answer is a guess, and counts at once. Public keys cannot be guessed, and a client offers
 * one after the other: all of a connection's together count as one failure, and only when the connection ends
 * without a log-in. A user who logs in takes back what was counted under the same name on this connection.
 */
export class LogInFailures {
  readonly #lockout: Lockout;
  readonly #address: string;
  readonly #byUser = new Map<string, number>();
  #keyRefused = false;
  #over = false;

  /** @param address of the client, in its canonical form */
  constructor(lockout: Lockout, address: string) {
    this.#lockout = lockout;
    this.#address = address;
  }

  /** A log-in has failed. @returns milliseconds for which the address is locked out now */
  async failed(username: string, method: string): Promise<number> {
    if (this.#over) return 0;
    if (method === 'publickey') this.#keyRefused = true;
    if (!GUESSES.includes(method)) return 0;
    this.#byUser.set(username, (this.#byUser.get(username) ?? 0) + 1);
    return this.#lockout.failed(this.#address);
  }

  async loggedIn(username: string): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    const failures = this.#byUser.get(username) ?? 0;
    if (failures > 0) await this.#lockout.forgive(this.#address, failures);
  }

  /** The connection has ended. @returns milliseconds for which the address is locked out now */
  async ended(): Promise<number> {
    if (this.#over) return 0;
    this.#over = true;
    return this.#keyRefused ? this.#lockout.failed(this.#address) : 0;
  }
}
