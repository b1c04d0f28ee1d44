import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { startCeph } from '../../../dist/test-support/ceph/ceph-store.js';
import { lineOf } from '../servers/launch.mjs';

const SLOW_STORE = join(import.meta.dirname, 'slow-store.mjs');

/**
 * A private S3 store with one bucket.
 *
 * @typedef {object} Store
 * @property {Record<string, string>} env what the SDK and the gateway find it by
 * @property {(milliseconds: number) => Promise<Store>} through the same store, so much further away
 * @property {() => Promise<void>} stop
 */

/**
 * Starts the store that the tests use: a Ceph RADOS Gateway with everything in memory.
 *
 * @param {import('../workplace.mjs').Workplace} workplace
 * @returns {Promise<Store>}
 */
export async function startStore(workplace) {
  const ceph = await startCeph();
  const bucket = await ceph.bucket();
  const at = (endpoint, stop) => ({
    env: {
      ...ceph.environment,
      S3_ENDPOINT: endpoint,
      S3_BUCKET: bucket,
      S3_FORCE_PATH_STYLE: 'true',
    },
    through: async (milliseconds) => {
      const port = new URL(ceph.endpoint).port;
      const child = workplace.adopt(
        spawn(process.execPath, [SLOW_STORE, port, String(milliseconds)], {
          stdio: ['ignore', 'pipe', 'inherit'],
        }),
      );
      const line = await lineOf(child, child.stdout, /listening on (\d+)/);
      return at(`http://127.0.0.1:${line[1]}`, async () => void child.kill());
    },
    stop,
  });
  return at(ceph.endpoint, () => ceph.stop());
}
