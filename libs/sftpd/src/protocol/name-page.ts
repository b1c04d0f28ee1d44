import { type Attributes, writeAttributes } from './attributes.js';
import { PacketType } from './constants.js';
import { PacketWriter } from './packet-writer.js';

/**
 * What a page of names has at the most, in bytes, but for a single entry that is longer. The draft asks every client
 * to take packets of 34,000 bytes (section 3); a page stays below that.
 */
export const MAX_PAGE_BYTES = 32_768;
const COUNT_POSITION = 9;

/** A NAME reply that fills up entry by entry, as READDIR is answered (section 6.7). */
export class NamePage {
  readonly #writer: PacketWriter;
  #count = 0;

  constructor(id: number) {
    this.#writer = new PacketWriter(PacketType.NAME, 4096).uint32(id).uint32(0);
  }

  /** Entries so far. */
  get count(): number {
    return this.#count;
  }

  /**
   * Adds an entry; `false` when the page has no room for it and it belongs on the next one.
   * A first entry always fits.
   */
  add(name: string, longname: string, attributes: Attributes): boolean {
    const before = this.#writer.length;
    this.#writer.text(name).text(longname);
    writeAttributes(this.#writer, attributes);
    if (this.#count > 0 && this.#writer.length > MAX_PAGE_BYTES) {
      this.#writer.truncate(before);
      return false;
    }
    this.#count++;
    return true;
  }

  finish(): Buffer {
    this.#writer.patchUint32(COUNT_POSITION, this.#count);
    return this.#writer.finish();
  }
}
