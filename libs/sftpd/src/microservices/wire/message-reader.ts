import { normalizePath, type SftpPath } from '../../filesystem/path.js';

/** What has come from the other side is no message that this version knows. */
export class MalformedMessageError extends Error {
  override readonly name = 'MalformedMessageError';
}

/** What a field that may be left out can be. */
type OptionalKind = 'text' | 'flag' | 'integer' | 'date' | 'record';

/** The latest time that a `Date` can hold, in milliseconds (ECMA-262, section 21.4.1.1). */
const MAX_TIME = 8.64e15;

/**
 * Reads a message of the other side field by field. Nothing of a message is trusted before it has gone through
 * here: each method gives the field as what it must be, or fails.
 *
 * @throws MalformedMessageError from every method, naming the field
 */
export class MessageReader {
  readonly #fields: object;

  constructor(message: unknown, what = 'the message') {
    if (typeof message !== 'object' || message === null || Array.isArray(message)) {
      throw new MalformedMessageError(`${what} must be an object`);
    }
    this.#fields = message;
  }

  /** A field as it came: `undefined` where there is none. */
  raw(name: string): unknown {
    return Object.hasOwn(this.#fields, name)
      ? (this.#fields as Record<string, unknown>)[name]
      : undefined;
  }

  /** A field that may be left out. */
  optional<K extends OptionalKind>(
    name: string,
    kind: K,
  ): ReturnType<MessageReader[K]> | undefined {
    if (this.raw(name) === undefined) return undefined;
    return this[kind](name) as ReturnType<MessageReader[K]>;
  }

  text(name: string): string {
    const value = this.raw(name);
    if (typeof value !== 'string') throw mustBe(name, 'a text');
    return value;
  }

  flag(name: string): boolean {
    const value = this.raw(name);
    if (typeof value !== 'boolean') throw mustBe(name, 'true or false');
    return value;
  }

  /** A whole number from 0 up, exact. */
  integer(name: string): number {
    return asInteger(this.raw(name), name);
  }

  /** A quantity from 0 up that may be beyond what is exact. */
  quantity(name: string): number {
    const value = this.raw(name);
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
      throw mustBe(name, 'a quantity');
    }
    return value;
  }

  date(name: string): Date {
    const value = this.raw(name);
    if (typeof value !== 'number' || !(Math.abs(value) <= MAX_TIME)) throw mustBe(name, 'a time');
    return new Date(value);
  }

  /** A path that is canonical already: the other side has no reason to send another. */
  path(name: string): SftpPath {
    const text = this.text(name);
    if (text.includes('\0') || normalizePath(text) !== text) {
      throw mustBe(name, 'a canonical path');
    }
    return text as SftpPath;
  }

  /** Binary content, which travels as base64. */
  bytes(name: string): Buffer {
    const text = this.text(name);
    const content = Buffer.from(text, 'base64');
    // Node skips what is no base64, which leaves less than the text's length promises.
    if (content.length !== Buffer.byteLength(text, 'base64')) throw mustBe(name, 'base64');
    return content;
  }

  record(name: string): MessageReader {
    return new MessageReader(this.raw(name), name);
  }

  records(name: string): MessageReader[] {
    return this.#list(name).map((item) => new MessageReader(item, `an item of ${name}`));
  }

  texts(name: string): string[] {
    return this.#list(name).map((item) => {
      if (typeof item !== 'string') throw mustBe(name, 'a list of texts');
      return item;
    });
  }

  integers(name: string): number[] {
    return this.#list(name).map((item) => asInteger(item, name));
  }

  #list(name: string): readonly unknown[] {
    const value = this.raw(name);
    if (!Array.isArray(value)) throw mustBe(name, 'a list');
    return value;
  }
}

function asInteger(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw mustBe(name, 'a whole number from 0 up');
  }
  return value;
}

function mustBe(name: string, what: string): MalformedMessageError {
  return new MalformedMessageError(`${name} must be ${what}`);
}
