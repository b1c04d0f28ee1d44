import { runInNewContext } from 'node:vm';

import { describe, expect, it, jest } from '@jest/globals';
import { Injectable } from '@nestjs/common';

import { backendSetting, isClass } from './backend-setting.js';

/** A class as compilers to ES5 write it. */
function Compiled(): void {
  // Nothing to construct.
}
Object.assign(Compiled.prototype as object, { listDir: () => [] });
function CompiledChild(): void {
  // Nothing to construct.
}
CompiledChild.prototype = Object.create(Compiled.prototype as object, {
  constructor: { value: CompiledChild },
}) as object;
function Decorated(): void {
  // Nothing to construct.
}
Injectable()(Decorated);

class Empty {}
class Child extends Empty {}
function plain(): string {
  return 'shared';
}
function* generator(): Generator<string> {
  yield 'shared';
}
const methods = {
  method(): string {
    return 'shared';
  },
};

describe('isClass', () => {
  it.each<[string, object]>([
    ['a class', Empty],
    ['a subclass', Child],
    ['a class expression', class {}],
    ['a class that is compiled to a function', Compiled],
    ['a subclass that is compiled to a function', CompiledChild],
    ['a decorated class that is compiled to a function', Decorated],
    ['a class behind a proxy', new Proxy(Compiled, {})],
  ])('%s is one', (_title, value) => {
    expect(isClass(value)).toBe(true);
  });

  it.each<[string, object]>([
    ['an arrow', () => 'shared'],
    ['an asynchronous arrow', async () => Promise.resolve('shared')],
    ['an ordinary function', plain],
    ['a function that is called class', Object.defineProperty(() => 1, 'name', { value: 'class' })],
    ['a bound function', plain.bind(null)],
    ['a generator', generator],
    ['a method', methods.method],
    ['a mock', jest.fn()],
    ['an instance', new Empty()],
  ])('%s is none', (_title, value) => {
    expect(isClass(value)).toBe(false);
  });

  it('a class of another realm is one', () => {
    expect(isClass(runInNewContext('class A {}; A') as object)).toBe(true);
  });
});

describe('backendSetting', () => {
  it('tells apart what the option can be', () => {
    expect(backendSetting('archive')).toEqual({ kind: 'name', name: 'archive' });
    expect(backendSetting({ sessionAttribute: 'a' })).toEqual({
      kind: 'attribute',
      attribute: 'a',
    });
    const resolver = { resolveBackend: () => 'x' };
    expect(backendSetting({ useResolver: resolver })).toEqual({
      kind: 'resolver',
      source: resolver,
    });
    expect(backendSetting(plain).kind).toBe('function');
    expect(backendSetting(Empty as never).kind).toBe('source');
    expect(backendSetting({ useExisting: 'token' }).kind).toBe('source');
  });
});
