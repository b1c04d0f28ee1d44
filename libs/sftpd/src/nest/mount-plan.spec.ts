import { describe, expect, it } from '@jest/globals';

import type { SftpBackend } from '../filesystem/backend.js';
import { normalizePath } from '../filesystem/path.js';
import { type BackendClaim, planMounts } from './mount-plan.js';

const method = (): never => {
  throw new Error('not called');
};

class Shelf implements SftpBackend {
  readonly listDir = method;
  readonly fileInfo = method;
  readonly openFile = method;
  readonly makeDir = method;
  readonly delDir = method;
  readonly delete = method;
  readonly rename = method;
}

const option = <P extends string>(place: P, backend: unknown, by = 'mounts'): BackendClaim<P> => ({
  place,
  backend,
  by,
  decorated: false,
});
const decorated = <P extends string>(place: P, backend: unknown, by: string): BackendClaim<P> => ({
  place,
  backend,
  by,
  decorated: true,
});
const ROOT = normalizePath('/');
const INBOX = normalizePath('/inbox');

describe('planMounts', () => {
  it('gives every claim its place', () => {
    const [one, two] = [new Shelf(), new Shelf()];
    const { plan, problems } = planMounts({
      names: [option('one', one)],
      mounts: [option(ROOT, 'one'), decorated(INBOX, two, 'Two of Module')],
    });
    expect(problems).toEqual([]);
    expect(plan.names).toEqual(new Map([['one', one]]));
    expect(plan.mounts.get(ROOT)).toBe(one);
    expect(plan.mounts.get(INBOX)).toBe(two);
  });

  it('lets the same backend be claimed twice, directly and by its name', () => {
    const shelf = new Shelf();
    const { plan, problems } = planMounts({
      names: [option('shelf', shelf), decorated('shelf', shelf, 'Shelf of Module')],
      mounts: [option(INBOX, 'shelf'), decorated(INBOX, shelf, 'Shelf of Module')],
    });
    expect(problems).toEqual([]);
    expect(plan.mounts.get(INBOX)).toBe(shelf);
  });

  it('names all who claim a place, and the way out', () => {
    const { problems } = planMounts({
      names: [],
      mounts: [
        option(INBOX, new Shelf(), 'mounts["/inbox"]'),
        decorated(INBOX, new Shelf(), 'A of X'),
        decorated(INBOX, new Shelf(), 'B of X'),
      ],
    });
    expect(problems).toEqual([
      'mount "/inbox": is claimed by the option mounts["/inbox"] (Shelf) and by A of X (@SftpBackend) and by ' +
        'B of X (@SftpBackend). Keep one of them there; a server with discover: false takes no decorated ' +
        'backend into its tree by itself',
    ]);
  });

  it('does not speak of discovery where nothing was discovered', () => {
    const { problems } = planMounts({
      names: [option('a', new Shelf(), 'backends["a"]'), option('a', new Shelf(), 'made')],
      mounts: [],
    });
    expect(problems).toEqual([
      'name "a": is claimed by the option backends["a"] (Shelf) and by the option made (Shelf). Keep one of them there',
    ]);
  });

  it('tells of an unknown name what is known, once', () => {
    expect(planMounts({ names: [], mounts: [option(ROOT, 'x', 'backend')] }).problems).toEqual([
      'backend: there is no SftpBackend named "x". No backend has a name; decorate one with ' +
        "@SftpBackend({ name: '...' }) or give it in the option backends",
    ]);
    const names = [option('a', new Shelf()), option('b', new Shelf())];
    const { problems } = planMounts({ names, mounts: [option(ROOT, 'x', 'backend')] });
    expect(problems).toEqual([expect.stringContaining('Known are "a", "b"; decorate one')]);
  });

  it('does not call a name unknown that is contested', () => {
    const names = [option('a', new Shelf(), 'one'), option('a', new Shelf(), 'other')];
    const { problems } = planMounts({ names, mounts: [option(ROOT, 'a', 'backend')] });
    expect(problems).toEqual([expect.stringMatching(/^name "a": is claimed/)]);
  });

  it('checks the contract of every backend, once for each claim', () => {
    const half = { listDir: method };
    const { problems } = planMounts({
      names: [decorated('half', half, 'Half of X')],
      mounts: [decorated(INBOX, half, 'Half of X'), option(ROOT, undefined, 'backend')],
    });
    expect(problems).toEqual([
      expect.stringMatching(/^Half of X: what was given is no SftpBackend; it lacks fileInfo/),
      expect.stringMatching(/^backend: what was given is no SftpBackend; it lacks listDir/),
    ]);
  });
});
