/*
 * What an application writes that has all optional packages. It is compiled, and never run.
 */
import { Controller, Get, Injectable, Module } from '@nestjs/common';
import type { ClientProxy } from '@nestjs/microservices';
import { HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import { trace } from '@opentelemetry/api';
import { S3Client } from '@aws-sdk/client-s3';
import { SftpBackend } from 'nestjs-sftpd';
import {
  type Capability,
  SftpBackendClient,
  type SftpBackendClientOptions,
  SftpBackendController,
  type SftpBackendControllerOptions,
} from 'nestjs-sftpd/microservices';
import { SftpTelemetryModule, type SftpTelemetryOptions } from 'nestjs-sftpd/opentelemetry';
import { S3Backend, type S3BackendOptions, S3PackagesMissingError } from 'nestjs-sftpd/s3';
import { type SftpHealth, SftpHealthIndicator } from 'nestjs-sftpd/terminus';

const s3: S3BackendOptions = {
  bucket: 'uploads',
  prefix: { sessionAttribute: 'tenant' },
  client: new S3Client({ region: 'eu-central-1' }),
  randomWrites: 'refuse',
};

@SftpBackend({ name: 'uploads', mount: '/uploads' })
export class Uploads extends S3Backend {
  constructor() {
    super(s3);
  }
}

/** Whether it is packages that a start lacks. */
export function lacksPackages(error: unknown): boolean {
  return error instanceof S3PackagesMissingError && error.packages.length > 0;
}

const capabilities: readonly Capability[] = ['symlink', 'readLink'];

/** A backend in another process. */
export function remote(files: ClientProxy): SftpBackend {
  const options: SftpBackendClientOptions = { timeout: 5000, capabilities };
  return new SftpBackendClient(files, options);
}

const served: SftpBackendControllerOptions = {};

@Injectable()
export class Health {
  constructor(
    private readonly health: HealthCheckService,
    private readonly sftp: SftpHealthIndicator,
  ) {}

  check(): Promise<HealthCheckResult> {
    return this.health.check([() => this.sftp.isListening('sftp')]);
  }
}

/** What a monitor makes of the indicator. */
export function line({ state, paused }: SftpHealth): string {
  return `${state}${paused ? ' (paused)' : ''}`;
}

@Controller('health')
export class HealthController {
  constructor(private readonly health: Health) {}

  @Get()
  check(): Promise<HealthCheckResult> {
    return this.health.check();
  }
}

const telemetry: SftpTelemetryOptions = { tracerProvider: trace.getTracerProvider() };

@Module({
  imports: [SftpTelemetryModule.forRoot(telemetry)],
  providers: [Uploads, Health, SftpHealthIndicator],
  controllers: [HealthController, SftpBackendController(Uploads, served)],
})
export class OptionalModule {}
