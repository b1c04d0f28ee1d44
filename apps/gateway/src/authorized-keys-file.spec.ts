import { describe, expect, it } from '@jest/globals';
import { parseAuthorizedKeysFile } from './authorized-keys-file.js';
import { ConfigurationError } from './problems.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g';
const REFUSED = [
  'keys: line 2 cannot be used: it holds no key of a supported type',
  'keys: line 3 cannot be used: pattern 1 of the option from is no IP address: names of hosts are never looked up, ' +
    'so it would match nothing',
];

describe('parseAuthorizedKeysFile', () => {
  it('gives the key lines without comments, blank lines and outer spaces', () => {
    const text = `\uFEFF# Anna\r\n\n  ${KEY} anna\r\nfrom="10.0.0.1" ${KEY} bob # too\n   # bye\n`;
    expect(parseAuthorizedKeysFile(text, 'keys')).toEqual({
      lines: [`${KEY} anna`, `from="10.0.0.1" ${KEY} bob # too`],
      warnings: [],
    });
  });

  it.each(['', '\n\n', `# ${KEY} anna\n`])('refuses %j, which holds no key', (text) => {
    expect(() => parseAuthorizedKeysFile(text, 'keys')).toThrow('keys: holds no key');
  });

  it('warns of every line that cannot be used, and takes the others', () => {
    const text = `${KEY} anna\nnonsense\nfrom="bob.example" ${KEY}\n${KEY} carl`;
    expect(parseAuthorizedKeysFile(text, 'keys')).toEqual({
      lines: [`${KEY} anna`, `${KEY} carl`],
      warnings: REFUSED,
    });
  });

  it('refuses a file of which no line can be used', () => {
    const text = `# keys\nnonsense\nfrom="bob.example" ${KEY}\n`;
    expect(() => parseAuthorizedKeysFile(text, 'keys')).toThrow(new ConfigurationError(REFUSED));
  });
});
