/**
 * A key of a listing that was asked for with `EncodingType: 'url'`, which the SDK does not undo: `+` is a space.
 *
 * @param encoded whether the store says that it did as asked
 */
export function decodeListed(key = '', encoded: boolean): string {
  if (!encoded || !/[%+]/.test(key)) return key;
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    // Not UTF-8: a key that no request could name either way.
    return key;
  }
}
