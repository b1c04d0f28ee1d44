import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Lets a directory and a link to somewhere else take each other's name, as fast as it can, until it is told to stop. */
const PROGRAM = `
  const fs = require('node:fs');
  const [name, link] = process.argv.slice(1);
  let stop = false;
  process.on('SIGTERM', () => { stop = true; });
  process.stdout.write('ready');
  function burst() {
    for (let n = 0; n < 50; n++) {
      fs.renameSync(name, name + '.kept'); fs.renameSync(link, name);
      fs.renameSync(name, link); fs.renameSync(name + '.kept', name);
    }
    if (stop) process.exit(0);
    setImmediate(burst);
  }
  burst();
`;

/** Another program of the machine, beside the server. */
export interface Flipper {
  /** Puts both names back and ends it. */
  stop(): Promise<void>;
}

/**
 * Starts to flip.
 *
 * @param name of a directory
 * @param link of a symbolic link, beside it
 */
export async function startFlipper(name: string, link: string): Promise<Flipper> {
  const child = spawn(process.execPath, ['-e', PROGRAM, name, link], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  await once(child.stdout, 'data');
  return {
    stop: async () => {
      child.kill('SIGTERM');
      await exit;
    },
  };
}
