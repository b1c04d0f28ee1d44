import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { GatewayConfig } from '../../environment.js';
import { HTTP_APPLICATION, listenForHttp } from '../../http/http-application.js';
import type { GatewayLogger } from '../../logger.js';
import type { WorkerPool } from '../worker-pool.js';
import { WorkersHttpModule } from './workers-http.module.js';

/**
 * Starts health and metrics of all workers, in the primary: there is one port, whichever worker there is.
 *
 * @throws Error that names the variable and the fix when the port cannot be bound
 */
export async function startWorkersHttp(
  config: GatewayConfig,
  port: number,
  pool: WorkerPool,
  logger: GatewayLogger,
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(WorkersHttpModule.forPool(pool), {
    logger,
    ...HTTP_APPLICATION,
  });
  await listenForHttp(app, config, port, logger);
  return app;
}
