import type { StoredObject } from '../store/stored-object.js';
import { assertUnchanged } from './assert-unchanged.js';
import type { ComposedPart } from './compose-plan.js';
import type { ByteRange } from './even-ranges.js';
import { Multipart } from './multipart.js';
import type { OpenBody } from './send-body.js';
import type { UploadTarget } from './upload-content.js';

/** Copies inside the store that are under way at once, and bodies that are sent meanwhile. */
const COPIES = 4;
const BODIES = 2;

/** Where the parts of a composed object come from. */
export interface ComposedSources {
  /** The object whose parts are copied; also looked at when only what is sent has been read from it. */
  readonly base?: StoredObject | undefined;
  /** Opens what is sent. */
  readonly open: (range: ByteRange) => OpenBody;
}

/**
 * Stores an object of parts that the store copies and parts that are sent as streams, whatever their size: it takes
 * no memory to speak of.
 *
 * @throws SftpError what a part or the commit fails with; nothing of the upload is left then
 */
export async function uploadComposed(
  { context, key, attributes, commit }: UploadTarget,
  parts: readonly ComposedPart[],
  { base, open }: ComposedSources,
): Promise<void> {
  const multipart = new Multipart(context, key, () => attributes.send());
  const numbered = parts.map((part, index) => ({ part, number: index + 1 }));
  try {
    await Promise.all([
      eachOf(
        numbered.filter(({ part }) => part.copied),
        COPIES,
        async ({ number, part }) => {
          if (base !== undefined) await multipart.copy(number, base, part);
        },
      ),
      eachOf(
        numbered.filter(({ part }) => !part.copied),
        BODIES,
        ({ number, part }) => multipart.sendStream(number, part.end - part.start, open(part)),
      ),
    ]);
    await multipart.allSent();
    if (base !== undefined) await assertUnchanged(context, base);
    await multipart.complete(commit);
  } catch (error) {
    await multipart.abort();
    throw error;
  }
}

/** @param task never rejects */
async function eachOf<T>(
  items: readonly T[],
  atOnce: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await task(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
