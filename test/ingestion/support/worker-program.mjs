// The built worker with less patience. With HOLD it says `reading` at its first job, and reads no further.
import 'reflect-metadata';
import { Processor } from '@nestjs/bullmq';
import { NestFactory } from '@nestjs/core';

const dist = new URL('../../../dist/apps/ingest/', import.meta.url);
const load = (file) => import(new URL(file, dist));
const { AppModule } = await load('app.module.js');
const { readEnvironment } = await load('config/environment.js');
const { UploadContent } = await load('content/upload-content.js');
const { UploadProcessor } = await load('upload.processor.js');

Processor(
  { name: 'sftp-uploads' },
  { lockDuration: 1000, stalledInterval: 500, maxStalledCount: 3 },
)(UploadProcessor);
if (process.env.HOLD) {
  UploadContent.prototype.open = () => {
    process.stdout.write('reading\n');
    return new Promise(() => undefined);
  };
}
const app = await NestFactory.createApplicationContext(
  AppModule.forConfig(readEnvironment(process.env)),
);
app.enableShutdownHooks(['SIGTERM'], { useProcessExit: true });
