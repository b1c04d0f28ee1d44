import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module.js';
import { DocumentsBackend } from './documents.backend.js';

/** Offers the documents to both doors, SFTP and HTTP: one instance. */
@Module({
  imports: [DatabaseModule],
  providers: [DocumentsBackend],
  exports: [DocumentsBackend],
})
export class DocumentsModule {}
