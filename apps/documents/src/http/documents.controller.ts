import { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import {
  BadRequestException,
  Controller,
  DefaultValuePipe,
  Get,
  ParseBoolPipe,
  ParseIntPipe,
  Post,
  Query,
  Req,
  Res,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { childPath, type FileInfo, normalizePath, SftpError, type SftpPath } from 'nestjs-sftpd';
import { DocumentsBackend } from '../documents/documents.backend.js';
import { BasicAuthGuard } from './basic-auth.guard.js';
import { SftpErrorFilter } from './sftp-error.filter.js';

const MAX_PAGE = 1000;

/** A file or directory as the API tells it. */
export interface DocumentView {
  readonly path: string;
  readonly type: FileInfo['type'];
  readonly size: number;
  readonly modifiedAt: Date | undefined;
}

/** A part of a listing. */
export interface ListingView {
  readonly documents: readonly DocumentView[];
  /** What to give as `after` for the next part; left out after the last one. */
  readonly next?: string;
}

/** The documents by HTTP: the backend of the SFTP server, injected like any provider. */
@Controller('documents')
@UseGuards(BasicAuthGuard)
@UseFilters(SftpErrorFilter)
export class DocumentsController {
  constructor(private readonly documents: DocumentsBackend) {}

  /** `GET /documents?under=/inbox&after=NAME&limit=100`: the entries of a directory, part by part. */
  @Get()
  async list(
    @Query('under', new DefaultValuePipe('/')) under: string,
    @Query('after', new DefaultValuePipe('')) after: string,
    @Query('limit', new DefaultValuePipe(100), ParseIntPipe) limit: number,
  ): Promise<ListingView> {
    if (limit < 1 || limit > MAX_PAGE) {
      throw new SftpError('EINVAL', `limit must be from 1 to ${MAX_PAGE}`);
    }
    const directory = pathOf('under', under);
    const entries = await this.documents.page(directory, { after, limit });
    const last = entries.at(-1);
    return {
      documents: entries.map(({ name, info }) => viewOf(childPath(directory, name), info)),
      ...(last && entries.length === limit && { next: last.name }),
    };
  }

  /** `GET /documents/content?path=/inbox/a.pdf`: a document, as a stream. */
  @Get('content')
  async download(@Query('path') path: unknown, @Res() response: ServerResponse): Promise<void> {
    const { info, content } = await this.documents.open(pathOf('path', path));
    response.setHeader('Content-Type', 'application/octet-stream');
    response.setHeader('Content-Length', info.size);
    if (info.modifiedAt) response.setHeader('Last-Modified', info.modifiedAt.toUTCString());
    try {
      await pipeline(content, response);
    } catch (error) {
      if (error instanceof SftpError) throw error;
      // The client has hung up, and there is nobody left to tell.
    }
  }

  /**
   * `POST /documents/content?path=/inbox/a.pdf`: stores the body of the request, whatever its type. An existing
   * document is kept unless `overwrite=true`. It is there when the answer is 201, and not at all otherwise.
   */
  @Post('content')
  async upload(
    @Query('path') path: unknown,
    @Query('overwrite', new DefaultValuePipe(false), ParseBoolPipe) overwrite: boolean,
    @Req() request: IncomingMessage,
  ): Promise<DocumentView> {
    const canonical = pathOf('path', path);
    const writer = await this.documents.beginWrite(canonical, { exclusive: !overwrite });
    let size = 0;
    try {
      // A request that is cut off ends with an error, never as if this were all.
      for await (const chunk of request as AsyncIterable<Buffer>) {
        await writer.write(size, chunk);
        size += chunk.length;
      }
    } catch (error) {
      await writer.abort();
      throw error instanceof SftpError ? error : new BadRequestException('The body was cut off');
    }
    await writer.finish();
    return viewOf(canonical, await this.documents.fileInfo(canonical));
  }
}

/** The canonical path of a parameter: the same check that an SFTP client's paths go through. */
function pathOf(parameter: string, value: unknown): SftpPath {
  if (typeof value !== 'string' || value === '') {
    throw new SftpError('EINVAL', `The parameter ${parameter} must be given, once`);
  }
  return normalizePath(value);
}

function viewOf(path: SftpPath, { type, size, modifiedAt }: FileInfo): DocumentView {
  return { path, type, size, modifiedAt };
}
