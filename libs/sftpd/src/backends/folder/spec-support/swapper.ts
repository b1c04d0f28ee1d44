import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Another program of the machine: swaps `name` and a symbolic link to `target` back and forth, as fast as it
 * can, until it is stopped or the bound is reached. Plain JavaScript, as it runs in a process of its own.
 */
const PROGRAM = `
  const fs = require('node:fs');
  const [name, target, rounds] = process.argv.slice(1);
  let stop = false;
  process.on('SIGTERM', () => { stop = true; });
  const link = name + '.link', kept = name + '.kept';
  fs.symlinkSync(target, link);
  process.stdout.write('ready');
  let round = 0;
  function burst() {
    for (let i = 0; i < 50 && round < Number(rounds); i += 1, round += 1) {
      fs.renameSync(name, kept); fs.renameSync(link, name);
      fs.renameSync(name, link); fs.renameSync(kept, name);
    }
    if (stop || round >= Number(rounds)) { fs.unlinkSync(link); return process.exit(0); }
    setImmediate(burst);
  }
  burst();
`;

export interface Swapper {
  /** Whether the bound is reached. */
  readonly ended: boolean;
  /** Puts `name` back and ends the program. */
  stop(): Promise<void>;
}

export async function startSwapper(name: string, target: string, rounds: number): Promise<Swapper> {
  const child = spawn(process.execPath, ['-e', PROGRAM, name, target, String(rounds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  await once(child.stdout, 'data');
  return {
    get ended() {
      return child.exitCode !== null;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await exit;
    },
  };
}
