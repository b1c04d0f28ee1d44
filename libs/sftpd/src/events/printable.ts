/**
 * What does not stand for itself in a line of a log: control characters, which break lines and steer terminals, and
 * those that hide text or turn its direction round.
 */
const DECEIVING = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;
const DECEIVING_BUT_LINES = /(?!\n)[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;

/** Characters of a message; what is longer is no message any more. */
const MAX_MESSAGE = 4000;
const MAX_QUOTED = 256;

/** A message as one line, with what could deceive its reader written as `\uXXXX`. */
export function oneLine(message: string): string {
  return cut(message, MAX_MESSAGE).replace(DECEIVING, escaped);
}

/** The same for a text that has lines, such as a stack. */
export function manyLines(text: string): string {
  return text.replace(DECEIVING_BUT_LINES, escaped);
}

/**
 * Text from outside in quotes, so that it can be told from what is said about it.
 *
 * @param text cut after 256 characters
 */
export function quoted(text: string): string {
  return JSON.stringify(cut(text, MAX_QUOTED)).replace(DECEIVING, escaped);
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}...` : text;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
