import { renameSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';

// Loaded into the gateway by `--import`, as NODE_OPTIONS does not take `--cpu-prof`. A SIGUSR2 begins a profile, the
// next one ends it; the files tell the bench of either.

const SAMPLE_MICROSECONDS = 200;
const directory = process.env.BENCH_PROFILES;

const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.setSamplingInterval', { interval: SAMPLE_MICROSECONDS });

let count = 0;
let running = false;
process.on('SIGUSR2', () => {
  running = !running;
  if (running) {
    count += 1;
    session.post('Profiler.start', () => put(`${count}.begun`, ''));
  } else {
    session.post('Profiler.stop', (error, result) => {
      put(`${count}.cpuprofile`, JSON.stringify(error ? { error: error.message } : result.profile));
    });
  }
});

/** Appears whole. */
function put(name, text) {
  const file = `${directory}/${name}`;
  writeFileSync(`${file}.part`, text);
  renameSync(`${file}.part`, file);
}
