import { toSftpError } from '../../filesystem/sftp-error.js';

/** Runs something several times at once; `ok` or the POSIX code of each, in order. */
export async function settle(
  count: number,
  run: (index: number) => Promise<void>,
): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      try {
        await run(index);
        return 'ok';
      } catch (error) {
        return toSftpError(error).code;
      }
    }),
  );
}
