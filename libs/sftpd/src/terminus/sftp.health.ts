import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';

import { SftpServer, type SftpServerState } from '../nest/sftp-server.js';
import { getSftpServerToken } from '../nest/tokens.js';

/** Which server is looked at. */
export interface SftpHealthOptions {
  /** The option `name` of its module. @default the server of an application that has one */
  readonly server?: string;
}

/** What is told of a server. */
export interface SftpHealth extends Record<string, unknown> {
  /** Where the server is in its life. */
  readonly state: SftpServerState;
  /** Whether it refuses new connections for now. */
  readonly paused: boolean;
}

/**
 * Tells Terminus whether an SFTP server takes connections. It is for readiness: a server that lets its last transfers
 * end is alive, and not ready. Provide it in a module that imports `TerminusModule`.
 *
 * @example
 * this.health.check([() => this.sftp.isListening('sftp')])
 *
 * @publicApi
 */
@Injectable()
export class SftpHealthIndicator {
  constructor(
    private readonly moduleRef: ModuleRef,
    private readonly indicators: HealthIndicatorService,
  ) {}

  /**
   * Up while the server takes connections; down while it is paused, drains, or has stopped.
   *
   * @param key what the result calls it
   * @throws Nest's `UnknownElementException` when the application has no such server
   */
  isListening<const Key extends string>(
    key: Key,
    { server }: SftpHealthOptions = {},
  ): HealthIndicatorResult<Key, 'up' | 'down', SftpHealth> {
    const token = server === undefined ? SftpServer : getSftpServerToken(server);
    const { state, paused } = this.moduleRef.get<SftpServer>(token, { strict: false });
    const indicator = this.indicators.check(key);
    const health = { state, paused };
    return state === 'listening' && !paused ? indicator.up(health) : indicator.down(health);
  }
}
