import { normalizePath } from 'nestjs-sftpd';
import { FolderBackend } from 'nestjs-sftpd/folder';

const CHUNK_BYTES = 256 * 1024;

/**
 * Reads a file below a folder piece by piece. The folder is opened as the gateway opens it, so that neither the path
 * nor a link that a client has made there leads out of it.
 *
 * @param root an absolute path
 * @param file from the root on
 */
export async function* readFolderFile(root: string, file: string): AsyncGenerator<Buffer> {
  const folder = new FolderBackend({ root });
  await folder.onModuleInit();
  try {
    const opened = await folder.openFile(normalizePath(file), {
      read: true,
      write: false,
      append: false,
      create: false,
      truncate: false,
      exclusive: false,
    });
    try {
      for (let offset = 0; ;) {
        const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
        const length = await opened.read(chunk, offset);
        if (length === 0) return;
        offset += length;
        yield chunk.subarray(0, length);
      }
    } finally {
      await opened.close();
    }
  } finally {
    await folder.onApplicationShutdown();
  }
}
