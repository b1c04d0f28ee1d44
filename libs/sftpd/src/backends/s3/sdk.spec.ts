import { describe, expect, it } from '@jest/globals';

import { S3PackagesMissingError } from './s3-packages-missing.error.js';
import { type ImportPackage, loadPackages } from './sdk.js';

function without(...missing: readonly string[]): ImportPackage {
  return (name) =>
    missing.includes(name)
      ? Promise.reject(
          Object.assign(new Error(`Cannot find package '${name}'`), {
            code: 'ERR_MODULE_NOT_FOUND',
          }),
        )
      : Promise.resolve({ name });
}

describe('loadPackages', () => {
  it('loads the real ones', async () => {
    const { sdk, libStorage } = await loadPackages();
    expect(typeof sdk.S3Client).toBe('function');
    expect(typeof libStorage.Upload).toBe('function');
  });

  it.each([
    [['@aws-sdk/client-s3', '@aws-sdk/lib-storage']],
    [['@aws-sdk/client-s3']],
    [['@aws-sdk/lib-storage']],
  ])('names what is missing and how to install it: %p', async (missing) => {
    const error: unknown = await loadPackages(without(...missing)).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(S3PackagesMissingError);
    expect(error).toMatchObject({
      packages: missing,
      message: expect.stringContaining(`npm install ${missing.join(' ')}`),
      cause: expect.objectContaining({ code: 'ERR_MODULE_NOT_FOUND' }),
    });
  });

  it('tells of a package that is there and broken what it says itself', async () => {
    const load: ImportPackage = () => Promise.reject(new SyntaxError('broken'));
    await expect(loadPackages(load)).rejects.toThrow(SyntaxError);
  });
});
