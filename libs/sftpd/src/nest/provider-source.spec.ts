import { describe, expect, it } from '@jest/globals';
import { Injectable, type InjectionToken } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { Test } from '@nestjs/testing';

import { type ProviderSource, resolveSource, toProvider } from './provider-source.js';

const TOKEN = 'the token';

@Injectable()
class Settings {
  readonly name = 'from settings';
}

class Storage {
  constructor(readonly name = 'by itself') {}
}

const instance = new Storage('an instance');

async function provided(
  source: ProviderSource<object>,
  others: readonly { provide: InjectionToken; useValue: unknown }[] = [],
): Promise<unknown> {
  const module = await Test.createTestingModule({
    providers: [Settings, ...others, toProvider(TOKEN, source)],
  }).compile();
  return module.get<unknown>(TOKEN);
}

async function resolved(source: ProviderSource<object>): Promise<object> {
  const module = await Test.createTestingModule({ providers: [Settings] }).compile();
  return resolveSource(module.get(ModuleRef), source);
}

describe('toProvider', () => {
  it('provides an instance as it is', async () => {
    expect(await provided(instance)).toBe(instance);
    expect(await provided({ useValue: instance })).toBe(instance);
  });

  it('has Nest make one of a class', async () => {
    expect(await provided(Settings)).toBeInstanceOf(Settings);
    expect(await provided({ useClass: Settings })).toBeInstanceOf(Settings);
  });

  it('takes what exists under another token', async () => {
    const other = { provide: 'other', useValue: instance };
    expect(await provided({ useExisting: 'other' }, [other])).toBe(instance);
  });

  it('takes what a factory makes, with what it injects', async () => {
    const useFactory = ({ name }: Settings): Storage => new Storage(name);
    expect(await provided({ useFactory, inject: [Settings] })).toEqual(
      new Storage('from settings'),
    );
    expect(await provided({ useFactory: async () => instance })).toBe(instance);
  });

  it('keeps the token even where a custom provider brings one', async () => {
    const source = { provide: 'mine', useValue: instance };
    expect(await provided(source)).toBe(instance);
  });
});

describe('resolveSource', () => {
  it('gives an instance as it is', async () => {
    expect(await resolved(instance)).toBe(instance);
    expect(await resolved({ useValue: instance })).toBe(instance);
  });

  it('has Nest make a new one of a class', async () => {
    const one = await resolved(Settings);
    const other = await resolved({ useClass: Settings });
    expect(one).toBeInstanceOf(Settings);
    expect(other).toBeInstanceOf(Settings);
    expect(other).not.toBe(one);
  });

  it.each([{ useFactory: () => instance }, { useExisting: 'other' }])(
    'says where %p belongs',
    async (source) => {
      await expect(resolved(source)).rejects.toThrow(
        'forRootAsync({ backend: { useExisting: ... }, useFactory: ... })',
      );
    },
  );
});
