import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from '../app.module.js';
import type { GatewayConfig } from '../environment.js';
import type { GatewayLogger } from '../logger.js';
import { serverLine } from '../listening-line.js';
import { HttpModule } from './http.module.js';

/** Connections of probes and scrapers at a time. */
const MAX_CONNECTIONS = 100;

/** Milliseconds that one of them may take to send its request. */
const REQUEST_TIMEOUT = 10_000;

/**
 * Starts the gateway with health and metrics on a port of their own, beside the SFTP server in one application: they
 * answer until that has drained.
 *
 * @throws Error that names the variable and the fix when the port cannot be bound
 */
export async function startHttpApplication(
  config: GatewayConfig,
  port: number,
  logger: GatewayLogger,
): Promise<INestApplicationContext> {
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.forConfig(config, [HttpModule.create()]),
    { logger, ...HTTP_APPLICATION },
  );
  await listenForHttp(app, config, port, logger);
  return app;
}

/** What applications that answer over HTTP are made with: whoever keeps a connection open must not keep the process. */
export const HTTP_APPLICATION = {
  abortOnError: false,
  bodyParser: false,
  forceCloseConnections: true,
} as const;

/**
 * Starts an application and has it answer, and announces where.
 *
 * @throws Error that names the variable and the fix when the port cannot be bound
 */
export async function listenForHttp(
  app: NestExpressApplication,
  config: Pick<GatewayConfig, 'host'>,
  port: number,
  logger: GatewayLogger,
): Promise<void> {
  app.disable('x-powered-by');
  const server: Server = app.getHttpServer();
  server.maxConnections = MAX_CONNECTIONS;
  server.headersTimeout = REQUEST_TIMEOUT;
  server.requestTimeout = REQUEST_TIMEOUT;
  await app.init();
  try {
    await app.listen(port, config.host);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new Error(
      `HTTP_PORT: ${port} on ${config.host} cannot be bound (${code}). Stop what listens there, or set another port (0 takes any that is free)`,
      { cause: error },
    );
  }
  logger.announce(serverLine('HTTP', server.address() as AddressInfo));
}
