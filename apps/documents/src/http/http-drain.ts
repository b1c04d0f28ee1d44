import type { Server } from 'node:http';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { DOCUMENTS_CONFIG } from '../config/config.module.js';
import type { DocumentsConfig } from '../config/environment.js';

/**
 * Bounds the end of the HTTP server as the SFTP server bounds its own: Nest waits for every open request, however
 * long it takes.
 */
@Injectable()
export class HttpDrain implements BeforeApplicationShutdown {
  constructor(
    private readonly host: HttpAdapterHost,
    @Inject(DOCUMENTS_CONFIG) private readonly config: DocumentsConfig,
  ) {}

  beforeApplicationShutdown(): void {
    const server = this.host.httpAdapter.getHttpServer() as Server;
    const timer = setTimeout(() => {
      server.closeAllConnections();
    }, this.config.drainTimeout);
    server.once('close', () => {
      clearTimeout(timer);
    });
    timer.unref();
  }
}
