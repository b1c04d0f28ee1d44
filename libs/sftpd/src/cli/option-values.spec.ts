import { describe, expect, it } from '@jest/globals';

import { UsageError } from './errors.js';
import { collected, portNumber, typeList } from './option-values.js';

describe('the value of --port', () => {
  it.each([
    ['0', 0],
    ['2222', 2222],
    ['65535', 65_535],
  ])('may be %s', (text, port) => {
    expect(portNumber(text)).toBe(port);
  });

  it.each(['', 'x', '-1', '65536', '1e3', '22 ', '0x16', '2.5'])('must not be %j', (text) => {
    expect(() => portNumber(text)).toThrow(UsageError);
    expect(() => portNumber(text)).toThrow(/^--port must be a whole number from 0 to 65535, not "/);
  });
});

describe('the value of --types', () => {
  it.each([
    ['rsa', ['rsa']],
    ['rsa,ed25519', ['ed25519', 'rsa']],
    ['ed25519, ecdsa , rsa', ['ed25519', 'ecdsa', 'rsa']],
  ])('may be %s', (text, types) => {
    expect(typeList(text)).toEqual(types);
  });

  it.each(['', 'dsa', 'rsa,', 'rsa,ssh-rsa'])('must not be %j', (text) => {
    expect(() => typeList(text)).toThrow(/^--types takes ed25519, ecdsa, rsa, .*, not "/);
  });
});

it('gathers the values of an option that is given several times', () => {
  expect(collected('b', collected('a'))).toEqual(['a', 'b']);
});
