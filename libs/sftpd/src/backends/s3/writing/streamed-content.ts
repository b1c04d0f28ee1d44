import type { TemporaryFile } from '../../../filesystem/open-files/temporary-file.js';
import { SftpError } from '../../../filesystem/sftp-error.js';
import type { StoredObject } from '../store/stored-object.js';
import { assertUnchanged } from './assert-unchanged.js';
import { CarriedOver } from './carried-over.js';
import { contentStream } from './content-stream.js';
import { InFlight } from './in-flight.js';
import { Multipart } from './multipart.js';
import { PartInFile } from './part-in-file.js';
import { PartInMemory } from './part-in-memory.js';
import { PartMemory } from './part-memory.js';
import { MAX_OBJECT, MAX_PART, MIN_PART, PartPlan, type PlannedPart } from './part-plan.js';
import { MAX_IN_MEMORY, PartRoom } from './part-room.js';
import { storeFile } from './store-file.js';
import type { UnsentPart } from './unsent-part.js';
import type { UploadContent, UploadTarget } from './upload-content.js';

/** Bodies that are sent from temporary files at once. */
const FILES_IN_FLIGHT = 2;
const SENT = 'This storage cannot change what it has been sent already';

/**
 * An upload that goes to the store while it comes. Its bytes are gathered part by part, and a part that is full is
 * sent while the next one fills; a file that ends within the first part is one request. Writes within the part that
 * is being filled and the next one may come in any order. The first part is held back until the end, or until memory
 * is short, for clients that write a header last.
 *
 * Parts of up to 16 MiB are gathered in memory, of which a transfer holds less than 64 MiB; longer ones, from some 31
 * GiB on, each in a temporary file, of which two are sent at a time. A client that writes farther ahead has all that
 * has not been sent gathered in one temporary file from then on, and sent at the close.
 */
export class StreamedContent implements UploadContent {
  readonly #target: UploadTarget;
  readonly #multipart: Multipart;
  readonly #plan: PartPlan;
  readonly #memory: PartMemory;
  readonly #room: PartRoom;
  readonly #inFlight = new InFlight();
  /** What is being gathered, by number. */
  readonly #parts = new Map<number, UnsentPart>();
  readonly #sent = new Set<number>();
  /** The first part that is neither sent nor held back. */
  #next: number;
  /** Nothing before it can be changed any more. */
  #sentEnd: number;
  #size: number;
  /** The end of what has been written; the rest of the size is zeros that nobody has sent. */
  #writtenEnd: number;
  #spill: TemporaryFile | undefined;
  /** What the upload is a continuation of. */
  #resumed: StoredObject | undefined;
  #carrying: Promise<void> | undefined;

  private constructor(target: UploadTarget, carried?: CarriedOver, firstOffset = 0) {
    const { context, key, attributes } = target;
    const { partSize, randomWrites } = context.settings;
    this.#target = target;
    this.#multipart = new Multipart(context, key, () => attributes.send());
    this.#plan = new PartPlan({
      partSize,
      // Without files, memory is all there is for a part.
      ...(randomWrites === 'refuse' && { maxPartSize: Math.max(partSize, MAX_IN_MEMORY) }),
      firstNumber: (carried?.parts ?? 0) + 1,
      firstOffset,
    });
    this.#memory = new PartMemory(context.uploadMemory, context.partBuffers);
    const { firstNumber } = this.#plan;
    this.#room = new PartRoom(context, this.#memory, firstNumber, () => this.#makeRoom());
    this.#next = firstNumber;
    this.#sentEnd = firstOffset;
    this.#size = firstOffset;
    this.#writtenEnd = firstOffset;
  }

  /** An upload of no bytes yet. */
  static empty(target: UploadTarget): StreamedContent {
    return new StreamedContent(target);
  }

  /**
   * An upload that goes on at the end of an existing object: what that holds is carried over in the background, or,
   * when it is too short for a part, becomes the beginning of the first part.
   *
   * @throws what reading the object fails with; nothing is held then
   */
  static async resume(target: UploadTarget, existing: StoredObject): Promise<StreamedContent> {
    if (existing.size >= MIN_PART) {
      const carried = new CarriedOver(target.context, existing);
      const content = new StreamedContent(target, carried, existing.size);
      content.#resumed = existing;
      content.#carrying = carried.carry(content.#multipart);
      return content;
    }
    const content = new StreamedContent(target);
    content.#resumed = existing;
    try {
      await content.#takeOver(existing);
    } catch (error) {
      await content.discard();
      throw error;
    }
    return content;
  }

  get size(): number {
    return this.#size;
  }

  /** @throws SftpError `ENOTSUP`: what has been sent cannot be read before the close */
  read(): Promise<number> {
    return Promise.reject(
      new SftpError('ENOTSUP', 'This server cannot read an upload before it is closed'),
    );
  }

  /** @throws SftpError `ENOTSUP` for what has been sent, or too far ahead; `EFBIG`, `ENOSPC`, and what a part failed with */
  async write(data: Uint8Array, offset: number): Promise<void> {
    this.#multipart.assertWhole();
    if (offset + data.length > MAX_OBJECT) throw new SftpError('EFBIG');
    this.#assertGap(offset + data.length - this.#sentEnd);
    for (let done = 0; done < data.length;) {
      const at = offset + done;
      const planned = this.#writablePart(at);
      const chunk = data.subarray(done, done + planned.end - at);
      if (this.#spill === undefined && planned.number > this.#next + 1) await this.#spillOver();
      if (this.#spill === undefined) await this.#gather(planned, chunk, at);
      else await this.#spill.write(chunk, at);
      done += chunk.length;
      this.#writtenEnd = Math.max(this.#writtenEnd, at + chunk.length);
      this.#size = Math.max(this.#size, this.#writtenEnd);
    }
  }

  /** @throws SftpError `ENOTSUP` below what has been sent, `EFBIG` */
  async resize(size: number): Promise<void> {
    this.#multipart.assertWhole();
    if (size < this.#sentEnd) throw new SftpError('ENOTSUP', SENT);
    if (size > 0 && size > this.#size) this.#plan.partAt(size - 1);
    for (const part of this.#parts.values()) await part.cut(size);
    if (this.#spill !== undefined && size < this.#spill.size) await this.#spill.resize(size);
    this.#writtenEnd = Math.min(this.#writtenEnd, size);
    this.#size = size;
  }

  /** @throws SftpError what a part or the commit failed with; nothing is stored then */
  async store(): Promise<void> {
    const { context, commit } = this.#target;
    try {
      this.#multipart.assertWhole();
      this.#assertGap(this.#size - this.#writtenEnd);
      if (await this.#storeAtOnce()) return;
      await this.#sendRest();
      await this.#carrying;
      await this.#multipart.allSent();
      if (this.#resumed !== undefined) await assertUnchanged(context, this.#resumed);
      await this.#multipart.complete(commit);
    } catch (error) {
      await this.#multipart.abort();
      throw error;
    } finally {
      await this.#letGo();
    }
  }

  async discard(): Promise<void> {
    await this.#multipart.abort();
    await this.#letGo();
  }

  async #takeOver({ size, ...version }: StoredObject): Promise<void> {
    if (size === 0) return;
    const { store, settings } = this.#target.context;
    const limit = AbortSignal.timeout(settings.requestTimeout);
    const body = await store.read({ size, ...version }, 0, size, limit);
    let offset = 0;
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      await this.write(chunk, offset);
      offset += chunk.length;
    }
    if (offset !== size) throw new SftpError('EIO');
  }

  /** The part of a byte that may still be written. */
  #writablePart(offset: number): PlannedPart {
    if (offset < this.#plan.firstOffset) throw new SftpError('ENOTSUP', SENT);
    const planned = this.#plan.partAt(offset);
    if (this.#sent.has(planned.number)) throw new SftpError('ENOTSUP', SENT);
    return planned;
  }

  /** Zeros that nobody has written cost a client nothing, but all of them have to be sent. */
  #assertGap(bytes: number): void {
    const most = this.#target.context.settings.maxTemporaryBytes;
    if (bytes > Math.max(most, 2 * MAX_PART)) {
      throw new SftpError('EFBIG', 'The file would have too many bytes that nobody has written');
    }
  }

  async #gather(planned: PlannedPart, chunk: Uint8Array, offset: number): Promise<void> {
    const part = await this.#placeFor(planned, offset + chunk.length);
    await part.put(chunk, offset);
    if (!part.full) return;
    // The very first bytes of the file are those that clients come back to.
    if (planned.start > 0) await this.#send(part, planned.end);
    this.#advance();
  }

  async #placeFor(planned: PlannedPart, end: number): Promise<UnsentPart> {
    const part = await this.#room.placeFor(planned, this.#parts.get(planned.number), end);
    this.#parts.set(planned.number, part);
    return part;
  }

  #advance(): void {
    while (this.#sent.has(this.#next) || this.#parts.get(this.#next)?.full === true) this.#next++;
  }

  async #send(part: UnsentPart, end: number): Promise<void> {
    const { number } = part.planned;
    const { uploadConcurrency } = this.#target.context.settings;
    this.#parts.delete(number);
    this.#sent.add(number);
    this.#sentEnd = Math.max(this.#sentEnd, end);
    const limit =
      part instanceof PartInFile ? Math.min(FILES_IN_FLIGHT, uploadConcurrency) : uploadConcurrency;
    await this.#inFlight.below(limit);
    this.#inFlight.add(part.send(this.#multipart, end));
  }

  /** Waits until a part has come back; the one that is held back has to go when there is no other. */
  async #makeRoom(): Promise<boolean> {
    this.#multipart.assertWhole();
    const held = this.#parts.get(this.#plan.firstNumber);
    if (held?.full === true) {
      await this.#send(held, held.planned.end);
    }
    const { count } = this.#inFlight;
    if (count === 0) return false;
    await this.#inFlight.below(count);
    this.#multipart.assertWhole();
    return true;
  }

  async #spillOver(): Promise<void> {
    const { settings, temporaryFiles } = this.#target.context;
    if (settings.randomWrites === 'refuse') {
      throw new SftpError(
        'ENOTSUP',
        'This server takes uploads in order; this write is too far ahead of the others',
      );
    }
    const spill = await temporaryFiles.create();
    try {
      for (const part of this.#parts.values()) await part.copyTo(spill);
    } catch (error) {
      await spill.close();
      throw error;
    }
    this.#spill = spill;
    await this.#releaseParts();
  }

  /** Stores what needs no multipart upload, or has not begun one yet. */
  async #storeAtOnce(): Promise<boolean> {
    if (this.#multipart.begun || this.#sent.size > 0 || this.#plan.firstOffset > 0) return false;
    if (this.#spill !== undefined) {
      if (this.#resumed !== undefined) return false;
      await storeFile(this.#target, this.#spill, this.#size);
      return true;
    }
    const first = this.#plan.partAt(0);
    if (this.#size > first.end) return false;
    const { context, key, attributes, commit } = this.#target;
    let body: Uint8Array = new Uint8Array(0);
    if (this.#size > 0) {
      const part = await this.#placeFor(first, this.#size);
      if (!(part instanceof PartInMemory)) return false;
      await part.fill(this.#size);
      body = part.content(this.#size);
    }
    if (this.#resumed !== undefined) await assertUnchanged(context, this.#resumed);
    commit.etag = await commit.run((condition) =>
      context.store.put(key, body, attributes.send(), condition),
    );
    return true;
  }

  /** Sends all that has not been sent, with zeros where nothing came. */
  async #sendRest(): Promise<void> {
    for (let offset = this.#plan.firstOffset; offset < this.#size;) {
      this.#multipart.assertWhole();
      const planned = this.#plan.partAt(offset);
      const end = Math.min(planned.end, this.#size);
      if (!this.#sent.has(planned.number)) await this.#sendPart(planned, end);
      offset = end;
    }
  }

  async #sendPart(planned: PlannedPart, end: number): Promise<void> {
    const { number, start } = planned;
    const spill = this.#spill;
    if (spill === undefined) {
      const part = await this.#placeFor(planned, end);
      await part.fill(end);
      await this.#send(part, end);
      return;
    }
    if (spill.size < this.#size) await spill.resize(this.#size);
    await this.#inFlight.below(FILES_IN_FLIGHT);
    this.#inFlight.add(
      this.#multipart.sendStream(number, end - start, () => contentStream(spill, { start, end })),
    );
  }

  async #letGo(): Promise<void> {
    await this.#inFlight.none();
    await this.#carrying;
    await this.#releaseParts();
    await this.#spill?.close();
  }

  async #releaseParts(): Promise<void> {
    const parts = [...this.#parts.values()];
    this.#parts.clear();
    for (const part of parts) await part.release();
  }
}
