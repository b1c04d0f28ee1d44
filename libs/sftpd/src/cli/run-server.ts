import type { DynamicModule, INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { EXIT_CODES, type ExitCode } from './errors.js';
import { VerboseLogger } from './log-of.js';
import type { Output } from './output.js';
import { startErrorOf } from './start-problem.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Runs an application until the process gets SIGINT or SIGTERM, and then lets its transfers end. A second signal ends
 * the process at once, with 1.
 *
 * @returns the exit code
 * @throws CliError when it cannot start
 */
export async function runServer(module: DynamicModule, output: Output): Promise<ExitCode> {
  const signalled = firstSignal(output);
  const app = await started(module, output);
  await signalled;
  await app.close();
  return EXIT_CODES.ok;
}

async function started(module: DynamicModule, output: Output): Promise<INestApplicationContext> {
  const logger = output.style.verbose ? new VerboseLogger(output) : false;
  try {
    return await NestFactory.createApplicationContext(module, { logger, abortOnError: false });
  } catch (error) {
    throw startErrorOf(error);
  }
}

function firstSignal(output: Output): Promise<void> {
  return new Promise((resolve) => {
    let stopping = false;
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        if (stopping) process.exit(EXIT_CODES.failed);
        stopping = true;
        output.line(`${signal}: finishing running transfers; once more ends at once`, {
          event: 'server.stopping',
          time: new Date().toISOString(),
          signal,
        });
        resolve();
      });
    }
  });
}
