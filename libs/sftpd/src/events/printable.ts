/**
 * What does not stand for itself in a line of a log: control characters, which break lines and steer terminals, and
 * those that hide text or turn its direction round.
 */
const DECEIVING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const DECEIVING_BUT_LINES = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

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
 * Text from outside as it may stand in a line of a log, whoever writes that: in quotes, so that it can be told from
 * what is said about it, and with nothing in it that breaks the line, steers a terminal or turns the reading round.
 *
 * @param text a client's name, path or message, and never a secret; cut after 256 characters
 * @returns JSON's spelling of it, with what could deceive as `\uXXXX`
 * @example
 * this.log.warn(`No job for ${quoted(upload.path)} of ${quoted(upload.session.username)}`);
 *
 * @publicApi
 */
export function quoted(text: string): string {
  return printableJson(cut(text, MAX_QUOTED));
}

/** JSON of a value in one line, whole, with what could deceive its reader as `\uXXXX`; it reads back the same. */
export function printableJson(value: object | string): string {
  return JSON.stringify(value).replace(DECEIVING, escaped);
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}...` : text;
}

/** @param character of one code unit or two */
function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
