import { describe, expect, it } from '@jest/globals';
import { keyFileOf } from './key-file.js';
import { ConfigurationError } from './problems.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g';
const REFUSED = [
  'keys: line 2 cannot be used: it holds no key of a supported type',
  'keys: line 3 cannot be used: pattern 1 of the option from is no IP address: names of hosts are never looked up, ' +
    'so it would match nothing',
];

describe('keyFileOf', () => {
  it('refuses a file that holds no key', () => {
    expect(() => keyFileOf(`# ${KEY} anna\n`, 'keys')).toThrow('keys: holds no key');
  });

  it('warns of every line that cannot be used, and takes the others', () => {
    const text = `${KEY} anna\nnonsense\nfrom="bob.example" ${KEY}\n${KEY} carl`;
    expect(keyFileOf(text, 'keys')).toEqual({
      lines: [`${KEY} anna`, `${KEY} carl`],
      warnings: REFUSED,
    });
  });

  it('refuses a file of which no line can be used', () => {
    const text = `# keys\nnonsense\nfrom="bob.example" ${KEY}\n`;
    expect(() => keyFileOf(text, 'keys')).toThrow(new ConfigurationError(REFUSED));
  });
});
