import path from 'node:path';
import { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { INGEST_CONFIG } from '../config/config.module.js';
import type { IngestConfig } from '../config/environment.js';
import type { ContentLocation } from '../upload-job.js';
import { readFolderFile } from './folder-file.js';
import { S3Objects } from './s3-objects.js';
import { UnreachableContentError } from './unreachable-content.error.js';

/** Reads uploads from where their jobs say they are. */
@Injectable()
export class UploadContent {
  constructor(
    @Inject(INGEST_CONFIG) private readonly config: Pick<IngestConfig, 'folderRoot'>,
    private readonly objects: S3Objects,
  ) {}

  /**
   * The content of an upload, from its first byte.
   *
   * @throws UnreachableContentError when this worker can never read it
   * @throws Error when it cannot read it now
   */
  async open(location: ContentLocation | null): Promise<Readable> {
    if (location === null) {
      throw new UnreachableContentError('The content is in the memory of the gateway only');
    }
    if (location.kind === 's3') return this.objects.open(location);
    const { folderRoot } = this.config;
    if (folderRoot !== undefined && path.resolve(location.root) !== folderRoot) {
      throw new UnreachableContentError('The job names another folder than INGEST_FOLDER_ROOT');
    }
    return Readable.from(readFolderFile(location.root, location.path), { objectMode: false });
  }
}
