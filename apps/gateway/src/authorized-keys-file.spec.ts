import { describe, expect, it } from '@jest/globals';
import { parseAuthorizedKeysFile } from './authorized-keys-file.js';
import { ConfigurationError } from './problems.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g';

describe('parseAuthorizedKeysFile', () => {
  it('gives the key lines without comments, blank lines and outer spaces', () => {
    const text = `# Anna\r\n\n  ${KEY} anna\r\nrestrict ${KEY} bob # too\n   # bye\n`;
    expect(parseAuthorizedKeysFile(text, 'keys')).toEqual([
      `${KEY} anna`,
      `restrict ${KEY} bob # too`,
    ]);
  });

  it.each(['', '\n\n', `# ${KEY} anna\n`])('refuses %j, which holds no key', (text) => {
    expect(() => parseAuthorizedKeysFile(text, 'keys')).toThrow('keys: holds no key');
  });

  it('tells every line that cannot be used', () => {
    const text = `${KEY} anna\nnonsense\nfrom="10.0.0.1" ${KEY}\n`;
    const problems = [
      'keys: line 2 cannot be used: the option nonsense is not supported',
      'keys: line 3 cannot be used: the option from=... is not supported',
    ];
    expect(() => parseAuthorizedKeysFile(text, 'keys')).toThrow(new ConfigurationError(problems));
  });
});
