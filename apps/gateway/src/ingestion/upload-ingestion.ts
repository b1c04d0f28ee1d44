import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  type AcknowledgeGateContext,
  type CommitGateContext,
  nestLog,
  OnSftpEvent,
  quoted,
  SftpError,
  SftpGate,
  type TransferEvent,
  type UploadAbortedEvent,
  type UploadCompletedEvent,
} from 'nestjs-sftpd';
import { GATEWAY_CONFIG } from '../config.module.js';
import type { GatewayConfig } from '../environment.js';
import { messageOf } from '../problems.js';
import { contentLocation, neededAttributes } from './content-location.js';
import { OwnUploads } from './own-uploads.js';
import { INSTANCE } from './tokens.js';
import { type UploadIntent, uploadId } from './upload-intent.js';

/** What a client is told whose upload cannot be noted down. */
export const NOT_TAKEN =
  'Uploads are not taken now, as they could not be processed; try again later';

/** What a client is told whose upload is stored and may miss its job. */
export const NOT_PROMISED =
  'The file is stored, but it cannot be promised that it is processed; upload it again later';

/** Makes a job of each completed upload. */
@Injectable()
export class UploadIngestion {
  readonly #log = nestLog(new Logger('Ingestion'));

  constructor(
    @Inject(GATEWAY_CONFIG) private readonly config: Pick<GatewayConfig, 'storage'>,
    @Inject(INSTANCE) private readonly instance: string,
    private readonly uploads: OwnUploads,
  ) {}

  /**
   * Notes an upload down before it is committed.
   *
   * @throws SftpError `EAGAIN` when that fails: what could be lost is not taken
   */
  @SftpGate('upload.commit', { content: false })
  async beforeCommit(upload: CommitGateContext): Promise<void> {
    try {
      await this.uploads.begin(this.#intentOf(upload));
    } catch (error) {
      const told = messageOf(error);
      this.#log.error(
        `Upload of ${quoted(upload.path)} by ${quoted(upload.session.username)} refused: ${quoted(told)}`,
      );
      throw new SftpError('EAGAIN', NOT_TAKEN, { cause: error });
    }
  }

  /**
   * Keeps the client from going on with a file of which only its own name tells that it was stored.
   *
   * @throws SftpError `EAGAIN` when its job cannot be promised: the file is stored, and the client should send it again
   */
  @SftpGate('upload.acknowledge')
  async beforeAnswer({ transferId, bytes, size }: AcknowledgeGateContext): Promise<void> {
    const outcome = { bytes, size, digest: null, at: Date.now() };
    try {
      await this.uploads.acknowledge(uploadId(this.instance, transferId), outcome);
    } catch (error) {
      throw new SftpError('EAGAIN', NOT_PROMISED, { cause: error });
    }
  }

  @OnSftpEvent('upload.completed')
  async onCompleted(upload: UploadCompletedEvent): Promise<void> {
    const { transferId, bytes, size, digest } = upload;
    await this.uploads.complete(uploadId(this.instance, transferId), () => this.#intentOf(upload), {
      bytes,
      size,
      digest: digest ?? null,
      at: Date.now(),
    });
  }

  @OnSftpEvent('upload.aborted')
  async onAborted({ transferId }: UploadAbortedEvent): Promise<void> {
    await this.uploads.abort(uploadId(this.instance, transferId));
  }

  #intentOf(
    upload: TransferEvent & { readonly bytes: number; readonly size: number },
  ): UploadIntent {
    const { transferId, session, path, backend, bytes, size } = upload;
    const { storage } = this.config;
    return {
      id: uploadId(this.instance, transferId),
      instance: this.instance,
      user: session.username,
      path,
      backend: backend ?? storage.kind,
      bytes,
      size,
      at: Date.now(),
      attributes: neededAttributes(storage, session),
      content: contentLocation(storage, path, session),
    };
  }
}
