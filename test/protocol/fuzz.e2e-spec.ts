import { expect, it } from '@jest/globals';

import { anyRequest, mutate } from '../support/raw-mutation.js';
import { random, type Random } from '../support/raw-random.js';
import { mkdir, open, opendir, stat } from '../support/raw-requests.js';
import { describeOfOurs, STORAGES, useTarget, type TargetContext } from '../support/raw-target.js';
import { FXF } from '../support/raw-wire.js';

/** Another run: `FUZZ_SEED=1 FUZZ_BATCHES=500`. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_122);
const BATCHES = Number(process.env['FUZZ_BATCHES'] ?? 20);
const CHANNELS = 3;
const PACKETS = 60;

/** Sends one channel's share of a batch and waits until the server has ended the channel. */
async function bombard(target: TargetContext, rng: Random, dir: string): Promise<number> {
  const channel = await target.rawChannel({ lenient: true });
  await channel.init();
  const handles = await Promise.all([
    channel.handle(open(`${dir}/a`, FXF.READ | FXF.WRITE | FXF.CREAT)),
    channel.handle(open(`${dir}/b`, FXF.READ | FXF.WRITE | FXF.CREAT)),
    channel.handle(opendir(dir)),
  ]);
  for (let n = 0; n < PACKETS; n++) {
    const { bytes } = channel.encode(anyRequest(rng, { dir, handles }));
    channel.sendBytes(mutate(rng, bytes));
  }
  channel.eof();
  await channel.ended();
  if (channel.violation) throw channel.violation;
  return channel.arrivals.length;
}

// An uncaught exception or an unhandled rejection of the server fails the running test: Jest sees to that.
// Never against OpenSSH's server, which would do to the whole machine what a mutated path says.
describeOfOurs.each(STORAGES)('mutated packets over %s', (storage) => {
  const target = useTarget(storage);

  it(`leave the server and its other clients unharmed (seed ${SEED})`, async () => {
    const rng = random(SEED);
    const other = await target.otherClient();
    let replies = 0;
    for (let batch = 0; batch < BATCHES; batch++) {
      const { sftp, dir } = await target.fresh();
      try {
        const shares = Array.from({ length: CHANNELS }, (_each, n) => {
          const own = random(rng.below(0xffffffff));
          return sftp.ok(mkdir(`${dir}/${n}`)).then(() => bombard(target, own, `${dir}/${n}`));
        });
        for (const count of await Promise.all(shares)) replies += count;
        const fresh = await target.channel();
        expect((await fresh.attrs(stat('/'))).permissions).toBeDefined();
        expect((await other.attrs(stat('/'))).permissions).toBeDefined();
        await Promise.all([sftp.destroy(), fresh.destroy()]);
      } catch (error) {
        throw new Error(`Seed ${SEED}, batch ${batch} over ${storage}`, { cause: error });
      }
    }
    // were most channels cut off early, the run would prove little
    expect(replies).toBeGreaterThan((BATCHES * CHANNELS * PACKETS) / 2);
  }, 60_000);
});
