import type { Socket } from 'node:net';

import ssh2, { type ClientInfo, type Connection as SshConnection } from 'ssh2';

import { algorithmsOf, lastResortHostKeys } from './algorithms.js';
import type { HostKey } from './host-keys.js';
import { keepAliveSettings } from './keep-alive.js';
import { offeredHostKeys } from './offered-host-keys.js';
import type { ServerOptions } from './server-options.js';

type IdentifiedListener = (client: SshConnection, info: ClientInfo) => void;

/** Begins SSH on sockets, with the host keys of the moment. */
export class Handshakes {
  readonly #options: ServerOptions;
  readonly #onIdentified: IdentifiedListener;
  #ssh: InstanceType<typeof ssh2.Server>;

  /**
   * @param onIdentified told once a client has sent its identification
   * @throws Error that names the option and the fix when the host keys cannot be used
   */
  constructor(options: ServerOptions, onIdentified: IdentifiedListener) {
    this.#options = options;
    this.#onIdentified = onIdentified;
    this.#ssh = this.#serverWith(options.hostKeys);
  }

  /** Begins SSH on a new socket. */
  begin(socket: Socket): void {
    this.#ssh.injectSocket(socket);
  }

  /**
   * Uses other host keys for the sockets that come from now on. Connections that have begun keep theirs, for
   * later key exchanges too: a client that sees another key in the middle of a session would have to leave.
   *
   * @throws Error that names the option and the fix when they cannot be used; all stays as it was
   */
  useHostKeys(hostKeys: readonly HostKey[]): void {
    // ssh2 takes host keys when it is made, and at no other time; it listens to nothing here, so a new one is cheap.
    this.#ssh = this.#serverWith(hostKeys);
  }

  #serverWith(hostKeys: readonly HostKey[]): InstanceType<typeof ssh2.Server> {
    const { algorithms: policy, banner, ident, timeouts, limits } = this.#options;
    const algorithms = algorithmsOf(policy);
    const keys = offeredHostKeys(hostKeys, algorithms.serverHostKey, lastResortHostKeys(policy));
    if (!keys.some(({ type }) => algorithms.serverHostKey.includes(type))) {
      this.#options.log.warn(
        'hostKeys: all host keys are ECDSA keys, which are offered for want of a better one; add an ed25519 key',
      );
    }
    return new ssh2.Server(
      {
        // A key that has been read is taken in no other form.
        hostKeys: keys.map((key) => ({ key })),
        algorithms: mutable(algorithms),
        ident,
        ...(banner !== undefined && { banner: withCrLf(banner) }),
        ...keepAliveSettings(timeouts.keepAlive, limits.keepAliveCount),
      },
      this.#onIdentified,
    );
  }
}

/** ssh2's types ask for lists that may be changed, and for the names they know; a policy has been checked. */
function mutable(algorithms: ReturnType<typeof algorithmsOf>): ssh2.Algorithms {
  const copies = Object.entries(algorithms).map(([kind, names]: [string, readonly string[]]) => [
    kind,
    [...names],
  ]);
  return Object.fromEntries(copies) as ssh2.Algorithms;
}

/** Lines end so in a banner (RFC 4252, section 5.4). */
function withCrLf(text: string): string {
  return text.replaceAll(/\r?\n/g, '\r\n');
}
