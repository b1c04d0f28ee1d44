import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

import type { S3Settings } from '../s3-settings.js';
import { httpStatus } from '../store/s3-errors.js';
import type { UploadedPart } from '../store/stored-object.js';

/** Opens a body from its beginning; `signal` is aborted when nobody wants it any more. */
export type OpenBody = (signal: AbortSignal) => Readable | Promise<Readable>;

/** Milliseconds before the second try; doubled for each that follows, up to {@link MAX_PAUSE}. */
const FIRST_PAUSE = 100;
const MAX_PAUSE = 5000;

/** What a request has to be made again for: it is the store's trouble, or the network's, and not the request's. */
const RETRIED = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Sends a part as a stream, and again from its beginning when the store has a passing trouble: the SDK itself only
 * repeats what it has in memory.
 *
 * @param settings its `maxAttempts`, and `transferTimeout` for all tries together
 * @throws what the last try failed with
 */
export async function sendBody(
  { maxAttempts, transferTimeout }: Pick<S3Settings, 'maxAttempts' | 'transferTimeout'>,
  send: (body: Readable, signal: AbortSignal) => Promise<UploadedPart>,
  open: OpenBody,
  signal: AbortSignal,
): Promise<UploadedPart> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(transferTimeout)]);
  for (let tries = 1; ; tries += 1) {
    try {
      return await sendOnce(send, open, limit);
    } catch (error) {
      if (tries >= maxAttempts || !isPassing(error)) throw error;
      const pause = Math.min(FIRST_PAUSE * 2 ** (tries - 1), MAX_PAUSE);
      const jittered = pause * (0.5 + Math.random() / 2);
      await delay(jittered, undefined, { signal: limit }).catch(() => undefined);
      if (limit.aborted) throw error;
    }
  }
}

async function sendOnce(
  send: (body: Readable, signal: AbortSignal) => Promise<UploadedPart>,
  open: OpenBody,
  limit: AbortSignal,
): Promise<UploadedPart> {
  const over = new AbortController();
  const signal = AbortSignal.any([limit, over.signal]);
  let broken: unknown;
  const body = await open(signal);
  // The SDK does not listen: a body that breaks would leave the request hanging, and end the process.
  body.on('error', (error) => {
    broken ??= error;
    over.abort();
  });
  try {
    return await send(body, signal);
  } catch (error) {
    throw broken ?? error;
  } finally {
    over.abort();
    body.destroy();
  }
}

function isPassing(error: unknown): boolean {
  const status = httpStatus(error);
  return status === undefined || RETRIED.has(status);
}
