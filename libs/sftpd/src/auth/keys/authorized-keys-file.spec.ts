import { describe, expect, it } from '@jest/globals';

import { PUBLIC_KEYS } from '../spec-support/public-keys.js';
import { parseAuthorizedKeysFile } from './authorized-keys-file.js';

const KEY = PUBLIC_KEYS['ssh-ed25519'];

describe('parseAuthorizedKeysFile', () => {
  it('gives the key lines without comments, blank lines and outer spaces', () => {
    const text = `\uFEFF# Anna\r\n\n  ${KEY} anna\r\nfrom="10.0.0.1" ${KEY} bob # too\n   # bye\n`;
    expect(parseAuthorizedKeysFile(text)).toEqual({
      lines: [`${KEY} anna`, `from="10.0.0.1" ${KEY} bob # too`],
      refused: [],
    });
  });

  it.each(['', '\n\n', `# ${KEY} anna\n`])('finds nothing in %j', (text) => {
    expect(parseAuthorizedKeysFile(text)).toEqual({ lines: [], refused: [] });
  });

  it('tells of every line that cannot be used, and gives the others', () => {
    const text = [
      `${KEY} anna`,
      'nonsense',
      `from="bob.example" ${KEY}`,
      `from="10.0.0.0/99" ${KEY}`,
      `${KEY} carl`,
    ].join('\n');
    expect(parseAuthorizedKeysFile(text)).toEqual({
      lines: [`${KEY} anna`, `${KEY} carl`],
      refused: [
        { line: 2, reason: 'it holds no key of a supported type' },
        { line: 3, reason: expect.stringContaining('is no IP address') },
        { line: 4, reason: expect.stringContaining('is no network') },
      ],
    });
  });
});
