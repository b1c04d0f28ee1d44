import { startAsyncssh } from './asyncssh.mjs';
import { startBare } from './bare.mjs';
import { startGateway } from './gateway.mjs';
import { INTERNAL, REFERENCE, startOpenSsh } from './openssh.mjs';
import { startProftpd } from './proftpd.mjs';

const STARTS = {
  [REFERENCE]: (workplace, key) => startOpenSsh(workplace, key, REFERENCE),
  [INTERNAL]: (workplace, key) => startOpenSsh(workplace, key, INTERNAL),
  memory: (workplace, key) => startGateway(workplace, key, 'memory'),
  folder: (workplace, key) => startGateway(workplace, key, 'folder'),
  asyncssh: startAsyncssh,
  ProFTPD: startProftpd,
};

/** What is no server for anybody, and is measured by the parts that know it when it is asked for. */
const PROTOTYPES = { bare: startBare };

/** Those that may be missing: a bench without them is still one. */
const PEERS = ['asyncssh', 'ProFTPD'];

/** The reference and ours. */
export const OURS = [REFERENCE, 'memory', 'folder'];

/** All servers there are. */
export const ALL = Object.keys(STARTS);

/** The least that can be done with ssh2, for small files. */
export const BARE = 'bare';

/** The servers that several parts measure: each is started when first asked for, and serves until the end. */
export class Fleet {
  #workplace;
  #key;
  #say;
  #wanted;
  /** @type {Map<string, Promise<import('./launch.mjs').Server | undefined>>} */
  #servers = new Map();

  /**
   * @param {import('../workplace.mjs').Workplace} workplace
   * @param {{ publicFile: string }} key the key that may log in
   * @param {(line: string) => void} say is told which peer is left out, and why
   * @param {readonly string[]} [wanted] the others are not started
   */
  constructor(workplace, key, say, wanted = ALL) {
    this.#wanted = wanted;
    this.#workplace = workplace;
    this.#key = key;
    this.#say = say;
  }

  /**
   * Those of these servers that are wanted, in this order, without the peers that this machine does not have.
   *
   * @param {readonly string[]} names
   * @returns {Promise<import('./launch.mjs').Server[]>}
   */
  async of(names) {
    const servers = [];
    for (const name of names.filter((one) => this.#wanted.includes(one))) {
      if (!this.#servers.has(name)) this.#servers.set(name, this.#start(name));
      const server = await this.#servers.get(name);
      if (server !== undefined) servers.push(server);
    }
    return servers;
  }

  /** What the servers other than ours call themselves, of those that have been started. */
  async versions() {
    const servers = await Promise.all(this.#servers.values());
    return [...new Set(servers.flatMap((server) => server?.version ?? []))];
  }

  async stop() {
    for (const server of this.#servers.values()) await (await server)?.stop();
    this.#servers.clear();
  }

  async #start(name) {
    try {
      return await { ...STARTS, ...PROTOTYPES }[name](this.#workplace, this.#key);
    } catch (error) {
      if (!PEERS.includes(name)) throw error;
      this.#say(`left out: ${name} (${error.message.split('\n')[0]})`);
      return undefined;
    }
  }
}
