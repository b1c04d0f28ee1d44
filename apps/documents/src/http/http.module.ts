import { Module } from '@nestjs/common';
import { DocumentsModule } from '../documents/documents.module.js';
import { DocumentsController } from './documents.controller.js';
import { HttpDrain } from './http-drain.js';

/** The HTTP door. */
@Module({
  imports: [DocumentsModule],
  controllers: [DocumentsController],
  providers: [HttpDrain],
})
export class HttpModule {}
