import { describe, expect, it, jest } from '@jest/globals';

import { HashPackagesMissingError } from './hash-packages-missing.error.js';
import { type ImportHashPackage, loadHashPackages } from './hash-packages.js';

const BOTH = new Map([
  ['bcrypt', 'the user "ann"'],
  ['argon2', 'the user "bob"'],
] as const);

function without(...missing: readonly string[]): ImportHashPackage {
  return (name) =>
    missing.includes(name)
      ? Promise.reject(
          Object.assign(new Error(`Cannot find package '${name}'`), {
            code: 'ERR_MODULE_NOT_FOUND',
          }),
        )
      : Promise.resolve({ default: { name } });
}

describe('loadHashPackages', () => {
  it('loads the real ones', async () => {
    const { bcrypt, argon2 } = await loadHashPackages(BOTH);
    expect(typeof bcrypt?.compare).toBe('function');
    expect(typeof argon2?.verify).toBe('function');
  });

  it('loads only what is needed', async () => {
    const load = jest.fn(without());
    expect(await loadHashPackages(new Map(), load)).toEqual({});
    expect(load).not.toHaveBeenCalled();
    expect(await loadHashPackages(new Map([['argon2', 'the user "bob"']]), load)).toEqual({
      argon2: { name: 'argon2' },
    });
    expect(load.mock.calls).toEqual([['argon2']]);
  });

  it.each([
    [['bcrypt'], 'hash of the user "ann" needs bcrypt: install with `npm install bcrypt`'],
    [['argon2'], 'hash of the user "bob" needs argon2: install with `npm install argon2`'],
    [
      ['bcrypt', 'argon2'],
      'hash of the user "ann" and that of the user "bob" needs bcrypt and argon2: install with `npm install bcrypt argon2`',
    ],
  ])('names who needs %j and how to install it', async (missing, message) => {
    const error: unknown = await loadHashPackages(BOTH, without(...missing)).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(HashPackagesMissingError);
    expect(error).toMatchObject({
      packages: missing,
      message: `The password ${message}`,
      cause: expect.objectContaining({ code: 'ERR_MODULE_NOT_FOUND' }),
    });
  });

  it('tells of a package that is there and broken what it says itself', async () => {
    const load: ImportHashPackage = () => Promise.reject(new Error('No native build was found'));
    await expect(loadHashPackages(BOTH, load)).rejects.toThrow('No native build was found');
  });
});
