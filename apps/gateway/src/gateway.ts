import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SftpServer } from 'nestjs-sftpd';
import { AppModule } from './app.module.js';
import type { GatewayConfig } from './environment.js';
import { listeningLine } from './listening-line.js';
import { GatewayLogger } from './logger.js';
import { reloadHostKeysOnSignal } from './reload-on-signal.js';

/**
 * Starts the gateway and announces its address. SIGTERM and SIGINT let running transfers finish and end the
 * process with 0, a second one ends it at once with 1. SIGHUP has the host keys read again. A start that fails is told
 * in one line and ends the process with 1. With several workers they do the work, and this process looks after them.
 */
export async function runGateway(config: GatewayConfig): Promise<void> {
  const logger = new GatewayLogger(config);
  for (const warning of config.warnings) logger.warn(warning, 'Gateway');

  if (config.workers > 1) {
    const { runPrimary } = await import('./workers/primary.js');
    await runPrimary(config, logger);
    return;
  }
  const starting = startApplication(config, logger);
  const stopping = stopOnSignals(starting, logger);
  reloadHostKeysOnSignal(starting);
  try {
    const app = await starting;
    const address = app.get(SftpServer).address();
    if (address !== null && !stopping.aborted) logger.announce(listeningLine(address));
  } catch (error) {
    logger.startFailed(error);
    process.exit(1);
  }
}

/** Nothing of HTTP is loaded by a gateway that serves none. */
async function startApplication(
  config: GatewayConfig,
  logger: GatewayLogger,
): Promise<INestApplicationContext> {
  const { httpPort } = config;
  if (httpPort !== undefined) {
    const { startHttpApplication } = await import('./http/http-application.js');
    return startHttpApplication(config, httpPort, logger);
  }
  return NestFactory.createApplicationContext(AppModule.forConfig(config), {
    logger,
    abortOnError: false,
  });
}

/** @returns a signal that is aborted as soon as the process was asked to end */
function stopOnSignals(
  starting: Promise<INestApplicationContext>,
  logger: GatewayLogger,
): AbortSignal {
  const stopping = new AbortController();
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (stopping.signal.aborted) process.exit(1);
    stopping.abort();
    logger.log(`${signal}: finishing running transfers`, 'Gateway');
    // A start that fails meanwhile ends the process by itself.
    const app = await starting;
    await app.close();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      stop(signal).catch((error: unknown) => {
        logger.error('The gateway could not stop in order', error, 'Gateway');
        process.exit(1);
      });
    });
  }
  return stopping.signal;
}
