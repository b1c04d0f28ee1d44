import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** The AWS SDK without us: what the gateway is measured against. */
export class DirectClient {
  #child;

  /**
   * @param {import('../workplace.mjs').Workplace} workplace
   * @param {Record<string, string>} env of the store: endpoint, bucket and keys
   */
  constructor(workplace, env) {
    this.#child = workplace.adopt(
      fork(join(import.meta.dirname, 'direct.mjs'), { env: { PATH: process.env.PATH, ...env } }),
    );
  }

  /**
   * Runs one task.
   *
   * @param {string} task a name that `direct.mjs` knows
   * @param {object} input
   * @returns {Promise<number>} seconds
   */
  async run(task, input) {
    this.#child.send({ task, ...input });
    const ended = new AbortController();
    const [answer] = await Promise.race([
      once(this.#child, 'message', { signal: ended.signal }),
      once(this.#child, 'exit', { signal: ended.signal }).then(() => {
        throw new Error('The process of the direct client has ended');
      }),
    ]).finally(() => ended.abort());
    if (answer.error !== undefined) throw new Error(`direct ${task}: ${answer.error}`);
    return answer.seconds;
  }

  async stop() {
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }
}
