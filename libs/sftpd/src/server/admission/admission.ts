import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';

import type { Log } from '../../events/log.js';
import { isPromiseLike } from '../../session/time-limit.js';
import type { ServerOptions } from '../server-options.js';
import { AccessLists } from './access-lists.js';
import { canonicalAddress, countedAs } from './address.js';
import { AddressList } from './address-list.js';
import { Guest } from './guest.js';
import { limitIdentification } from './identification-limit.js';
import { Lockout } from './lockout.js';
import { LogInFailures } from './log-in-failures.js';
import { Places, type Shortage } from './places.js';
import { readProxyHeader } from './read-proxy-header.js';
import { Refusals } from './refusals.js';
import { SharedPlaces } from './shared-places.js';

/** What admission takes from the server's options. */
export type AdmissionOptions = Pick<
  ServerOptions,
  'limits' | 'placesStore' | 'timeouts' | 'access' | 'lockout' | 'proxyProtocol' | 'events' | 'log'
>;

/**
 * Decides about TCP connections before a byte of SSH: who comes from where, whether there is a place, and whether
 * the address is locked out. Each refusal is one event and one line of the log.
 */
export class Admission {
  readonly #timeouts: AdmissionOptions['timeouts'];
  readonly #log: Log;
  readonly #refusals: Refusals;
  readonly #places: Places | SharedPlaces;
  readonly #access: AccessLists;
  readonly #balancers: AddressList;
  readonly #lockout: Lockout | undefined;
  readonly #guests = new Map<Socket, Guest>();
  readonly #idPrefix = randomBytes(3).toString('hex');
  #lastId = 0;

  /** @throws TypeError that names an entry which is neither an address nor a network */
  constructor(options: AdmissionOptions) {
    this.#timeouts = options.timeouts;
    this.#log = options.log;
    this.#refusals = new Refusals(options.events, options.log);
    const { placesStore: store, limits, log } = options;
    this.#places = store ? new SharedPlaces(limits, store, { log }) : new Places(limits);
    this.#access = new AccessLists(options.access);
    this.#balancers = new AddressList(options.proxyProtocol?.trusted ?? []);
    this.#lockout = options.lockout === false ? undefined : new Lockout(options.lockout, this.#log);
  }

  /** All that have a place, from their first moment to their last. */
  get guests(): readonly Guest[] {
    return [...this.#guests.values()];
  }

  /** Whose socket it is; `undefined` once its connection has ended. */
  guestOf(socket: Socket): Guest | undefined {
    return this.#guests.get(socket);
  }

  /** Whether new connections are refused. */
  paused = false;

  /**
   * Takes a connection in, or refuses it and closes its socket.
   *
   * @param socket paused, and never read from; of its bytes only a PROXY header is taken
   * @returns the guest, with whom SSH may begin; never rejects
   */
  async admit(socket: Socket): Promise<Guest | undefined> {
    const guest = this.#receive(socket);
    if (guest === undefined) return undefined;
    const direct = !this.#balancers.has(guest.address);
    const admitted = (direct || (await this.#learnPeer(guest))) && (await this.#isWelcome(guest));
    if (!admitted) return undefined;
    if (guest.gone || socket.destroyed) {
      this.#noteHangUp(guest);
      return undefined;
    }
    guest.admitted = true;
    this.#log.debug(`[${guest.id}] Connection from ${guest.address} port ${guest.port}`);
    limitIdentification(socket, (problem) => {
      guest.refuse('protocol', problem);
    });
    return guest;
  }

  /** Logs what has been counted and not told yet. */
  close(): void {
    this.#refusals.flush();
  }

  /** Gives a connection its place. */
  #receive(socket: Socket): Guest | undefined {
    socket.on('error', (error) => {
      const id = this.guestOf(socket)?.id;
      const whose = id === undefined ? '' : `[${id}] `;
      this.#log.debug(`${whose}A socket failed: ${error.message}`);
    });
    const { remoteAddress = '', remotePort: port } = socket;
    const address = canonicalAddress(remoteAddress);
    if (address === undefined || port === undefined) {
      socket.destroy();
      return undefined;
    }
    const denied = this.#balancers.has(address) ? undefined : this.#denialOf(address);
    const refusal = denied ?? (this.paused ? PAUSED : this.#places.shortage());
    if (refusal !== undefined) {
      const { reason, detail } = refusal;
      this.#refusals.tell({ id: undefined, address, port }, reason, detail);
      socket.destroy();
      return undefined;
    }
    const guest = new Guest({
      id: `${this.#idPrefix}-${++this.#lastId}`,
      socket,
      address,
      port,
      place: this.#places.take(),
      refusals: this.#refusals,
      timeouts: this.#timeouts,
      onLockout: (locked, milliseconds) => {
        this.#endPending(locked, milliseconds);
      },
    });
    this.#guests.set(socket, guest);
    socket.once('close', () => {
      this.#guests.delete(socket);
    });
    return guest;
  }

  /** Learns from a balancer who has come. @returns whether that is known, and let in */
  async #learnPeer(guest: Guest): Promise<boolean> {
    guest.awaitsHeader = true;
    const outcome = await readProxyHeader(guest.socket);
    guest.awaitsHeader = false;
    if (outcome === 'gone') {
      this.#noteHangUp(guest);
      guest.socket.destroy();
      return false;
    }
    if ('problem' in outcome) {
      guest.refuse('proxyProtocol', `${outcome.problem} (option proxyProtocol)`);
      return false;
    }
    const { peer } = outcome;
    if (peer !== undefined) guest.speaksFor(peer.address, peer.port);
    const denied = this.#denialOf(guest.address);
    if (denied !== undefined) guest.refuse(denied.reason, denied.detail);
    return denied === undefined;
  }

  #noteHangUp({ id, address, port }: Guest): void {
    this.#log.debug(`[${id}] ${address} port ${port} has hung up before SSH could begin`);
  }

  #denialOf(address: string): Shortage | undefined {
    const detail = this.#access.refusalOf(address);
    return detail === undefined ? undefined : { reason: 'access', detail };
  }

  /** Whether there is a place for one more from the guest's address, and it is not locked out. */
  async #isWelcome(guest: Guest): Promise<boolean> {
    const settled = guest.settle();
    if (!(isPromiseLike(settled) ? await settled : settled)) return false;
    if (this.#lockout === undefined) return true;
    const locked = await this.#lockout.lockedFor(guest.address);
    if (locked > 0) guest.refuse('lockout', lockoutDetail(locked));
    else guest.countFailures(new LogInFailures(this.#lockout, guest.address));
    return locked <= 0;
  }

  /** Ends the log-ins under way from an address that is locked out: they would be as many guesses more. */
  #endPending(address: string, milliseconds: number): void {
    const origin = countedAs(address);
    for (const guest of this.#guests.values()) {
      if (!guest.pending || countedAs(guest.address) !== origin) continue;
      guest.refuse('lockout', lockoutDetail(milliseconds));
    }
  }
}

const PAUSED: Shortage = { reason: 'paused', detail: 'the server takes no new connections' };

function lockoutDetail(milliseconds: number): string {
  return `too many log-ins from there have failed; locked out for ${Math.ceil(milliseconds / 1000)} s (option lockout)`;
}
