import { describe, expect, it } from '@jest/globals';

import { parseAuthorizedKeyOptions } from './authorized-key-options.js';

describe('parseAuthorizedKeyOptions', () => {
  it.each([
    '',
    'no-pty',
    'no-agent-forwarding,no-port-forwarding,no-pty,no-user-rc,no-X11-forwarding',
    'agent-forwarding,port-forwarding,PTY,user-rc,X11-Forwarding',
    'no-touch-required,no-verify-required',
    'permitopen="192.0.2.1:80",permitopen="[::1]:*",permitlisten="8080",tunnel="0"',
    'no-pty,',
    ',no-pty,,pty',
  ])('takes %j, which changes nothing here', (text) => {
    expect(parseAuthorizedKeyOptions(text)).toEqual({ restrict: false });
  });

  it('tells of restrict, command and from', () => {
    expect(parseAuthorizedKeyOptions('RESTRICT,pty')).toEqual({ restrict: true });
    expect(parseAuthorizedKeyOptions('Command="internal-sftp"')).toEqual({
      restrict: false,
      command: 'internal-sftp',
    });
    expect(parseAuthorizedKeyOptions('from="!10.0.0.1,10.*"')).toEqual({
      restrict: false,
      from: ['!10.0.0.1', '10.*'],
    });
  });

  it('keeps the earliest of several expiry times', () => {
    const text = 'expiry-time="20310101Z",expiry-time="20300101Z",expiry-time="20320101Z"';
    expect(parseAuthorizedKeyOptions(text)).toEqual({
      restrict: false,
      expiryTime: new Date('2030-01-01T00:00:00Z'),
    });
  });

  it.each([
    ['cert-authority', 'the option cert-authority cannot be honoured: certificates'],
    ['principals="ann"', 'the option principals cannot be honoured: certificates'],
    ['environment="A=b c"', 'the option environment cannot be honoured: no program'],
    ['verify-required', 'the option verify-required cannot be honoured: keys of FIDO'],
    ['touch-required', 'the option touch-required cannot be honoured: keys of FIDO'],
    ['command="/bin/sh"', 'the option command cannot be honoured: the only command'],
    ['command="internal-sftp -R"', 'the option command cannot be honoured'],
    ['command="internal-sftp -d /a"', 'the option command cannot be honoured'],
    ['command="INTERNAL-SFTP"', 'the option command cannot be honoured'],
    ['command=""', 'the option command cannot be honoured'],
    ['command="internal-sftp",command="internal-sftp"', 'the option command is there twice'],
    ['from="10.0.0.1",from="10.0.0.1"', 'the option from is there twice'],
    ['from="10.0.0.1,*.example.com"', 'pattern 2 of the option from is no IP address: names of'],
    ['from=""', 'pattern 1 of the option from is empty'],
    ['expiry-time="soon"', 'the option expiry-time must be'],
    ['from', 'the option from needs a value in quotes'],
    ['from=10.0.0.1', 'its options cannot be read'],
    ["from='10.0.0.1'", 'its options cannot be read'],
    ['command', 'the option command needs a value in quotes'],
    ['permitopen', 'the option permitopen needs a value in quotes'],
    ['restrict="yes"', 'the option restrict takes no value'],
    ['no-restrict', 'the option no-restrict is not known'],
    ['no-from="10.0.0.1"', 'the option no-from=... is not known'],
    ['constructor', 'the option constructor is not known'],
    ['-----BEGIN', 'the option -----begin is not known'],
    ['permitopen="x"', 'the option permitopen has a value that cannot be read'],
    ['permitopen="80"', 'the option permitopen has a value'],
    ['permitlisten="a b:80"', 'the option permitlisten has a value'],
    ['tunnel="x"', 'the option tunnel has a value'],
    ['restrict;pty', 'its options cannot be read'],
    ['restrict pty', 'its options cannot be read'],
    ['from="10.0.0.1"pty', 'its options cannot be read'],
    ['from="10.0.0.1', 'its options cannot be read'],
    ['from="10.0.0.1\\"', 'its options cannot be read'],
    ['a'.repeat(5000), `the option ${'a'.repeat(40)} is not known`],
  ])('refuses %.60s', (text, message) => {
    expect(() => parseAuthorizedKeyOptions(text)).toThrow(message);
  });

  it('never repeats a value', () => {
    for (const option of ['from', 'command', 'environment', 'expiry-time', 'other']) {
      expect(() => parseAuthorizedKeyOptions(`${option}="hunter2"`)).toThrow(Error);
      expect(() => parseAuthorizedKeyOptions(`${option}="hunter2"`)).not.toThrow('hunter2');
    }
  });
});
