import { describe, expect, it } from '@jest/globals';

import { contractProblem, looksLikeBackend } from './backend-contract.js';

const method = (): never => {
  throw new Error('not called');
};
const WITHOUT_CONTENT = {
  listDir: method,
  fileInfo: method,
  makeDir: method,
  delDir: method,
  delete: method,
  rename: method,
};

class Half {
  readonly listDir = method;
  readonly fileInfo = 'not a function';
}

describe('contractProblem', () => {
  it.each(['openFile', 'readFileRange', 'readFile'])('one way to read is enough: %s', (way) => {
    expect(contractProblem({ ...WITHOUT_CONTENT, [way]: method })).toBeUndefined();
  });

  it('without a way to read it is no backend, whatever it can write', () => {
    expect(contractProblem({ ...WITHOUT_CONTENT, writeFile: method, beginWrite: method })).toBe(
      'what was given is no SftpBackend; it lacks a way to read (openFile, readFileRange or readFile)',
    );
  });

  it('names the class and all that it lacks', () => {
    expect(contractProblem(new Half())).toBe(
      'Half is no SftpBackend; it lacks fileInfo, makeDir, delDir, delete, rename, a way to read ' +
        '(openFile, readFileRange or readFile)',
    );
  });

  it('what may be left out must be a method where it is there', () => {
    const backend = { ...WITHOUT_CONTENT, readFile: method, symlink: true, copy: undefined };
    expect(contractProblem(backend)).toBe(
      'what was given is no SftpBackend; its symlink must be a method or left out',
    );
  });

  it.each([undefined, null, 5, 'x', method, [], Object.create(null)])('refuses %p', (value) => {
    expect(contractProblem(value)).toMatch(/^what was given is no SftpBackend|^Array is no SftpB/);
    expect(looksLikeBackend(value)).toBe(false);
  });

  it('what has a method of a backend looks like one', () => {
    expect(looksLikeBackend(new Half())).toBe(true);
  });
});
