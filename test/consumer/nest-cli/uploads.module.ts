import { Injectable, Logger, Module } from '@nestjs/common';
import { OnSftpEvent, SftpModule, type UploadCompletedEvent } from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';

@Injectable()
export class Deliveries {
  readonly paths: string[] = [];
  readonly #logger = new Logger(Deliveries.name);

  @OnSftpEvent('upload.completed')
  onDelivery({ path }: UploadCompletedEvent): void {
    this.paths.push(path);
    this.#logger.log(`${path} was delivered`);
  }
}

@Module({
  imports: [
    SftpModule.forRoot({
      host: '127.0.0.1',
      port: 0,
      hostKeys: { directory: './host-keys', create: true },
      auth: { passwords: [{ username: 'dev', password: 'dev' }] },
      backend: new MemoryBackend(),
    }),
  ],
  providers: [Deliveries],
})
export class UploadsModule {}
