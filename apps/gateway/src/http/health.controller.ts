import { Controller, Get } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import { SftpHealthIndicator } from 'nestjs-sftpd/terminus';

/** What an orchestrator asks: whether the process should go on, and whether clients should be sent to it. */
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly sftp: SftpHealthIndicator,
  ) {}

  /** Up as long as the process answers, also while the last transfers end. */
  @Get('live')
  @HealthCheck()
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  /** Up while the SFTP server takes connections. */
  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.sftp.isListening('sftp')]);
  }
}
