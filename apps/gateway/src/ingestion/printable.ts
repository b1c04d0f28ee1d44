import { quote } from '../problems.js';

/** Text of a client as it may stand in a log: in quotes, cut, and nothing in it breaks the line or turns the reading. */
export function printable(text: string): string {
  return quote(text).replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
