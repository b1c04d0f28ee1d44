const DEVICES = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])$/i;
const NOT_IN_NAMES = '\\/:*?"<>|';

/**
 * Whether Windows takes a name for the entry of a directory and nothing else: not for a drive, a stream of
 * another file, a device, a way up, or the same name without its last dot.
 */
export function isNameOnWindows(name: string): boolean {
  if (name === '' || name.endsWith('.') || name.endsWith(' ')) return false;
  for (const character of name) {
    if (character < ' ' || NOT_IN_NAMES.includes(character)) return false;
  }
  const [stem = ''] = name.split('.');
  return !DEVICES.test(stem.trimEnd());
}
