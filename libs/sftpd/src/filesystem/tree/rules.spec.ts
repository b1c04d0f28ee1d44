import { describe, expect, it } from '@jest/globals';

import { MemoryBackend } from '../../backends/memory/memory-backend.js';
import type { PermissionRules } from './permissions.js';
import { PERMISSIONS } from './permissions.js';
import { restricted } from './restricted.js';

describe('permission rules', () => {
  it.each([
    ['"fly"', { '/in': ['list', 'fly'] }],
    ['"READ", 3', { '/': ['READ', 3] }],
    ['/in', { '/in': 'list' }],
    ['/in', { '/in': undefined }],
    ['two permission rules for /in', { '/in': ['list'], 'in/': ['read'] }],
    ['"/a\\u0000"', { '/a\0': ['list'] }],
  ])('that say %s are refused, and it is named', (what, rules) => {
    const make = (): unknown =>
      restricted(new MemoryBackend(), rules as unknown as PermissionRules);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(what);
  });

  it('may be written with paths in any form', () => {
    const tree = restricted(new MemoryBackend(), { 'a/./b/../': ['list'], '//': [] });
    expect(tree).toBeDefined();
  });

  it('that allow everything everywhere are none', () => {
    const backend = new MemoryBackend();
    expect(restricted(backend, { '/': PERMISSIONS })).toBe(backend);
    expect(restricted(backend, { '/': PERMISSIONS, '/in': [...PERMISSIONS].reverse() })).toBe(
      backend,
    );
    expect(restricted(backend, { '/': PERMISSIONS, '/in': ['list'] })).not.toBe(backend);
    expect(restricted(backend, { '/in': PERMISSIONS })).not.toBe(backend);
    expect(restricted(backend, {})).not.toBe(backend);
  });

  it('offer no links, and no extension that they allow nowhere', () => {
    const offered = (rules: PermissionRules): string[] =>
      Object.keys(restricted(new MemoryBackend(), rules)).sort();
    const readOnly = offered({ '/': ['list', 'read'] });
    for (const name of ['symlink', 'hardLink', 'copy', 'setLinkAttributes']) {
      expect(readOnly).not.toContain(name);
    }
    expect(readOnly).toEqual(expect.arrayContaining(['linkInfo', 'readLink', 'statVfs']));
    expect(offered({ '/': [], '/in': ['create'] })).toContain('copy');
    expect(offered({ '/': [], '/in': ['write'] })).toContain('setLinkAttributes');
    expect(offered({ '/': PERMISSIONS, '/in': [] })).not.toContain('symlink');
  });
});
