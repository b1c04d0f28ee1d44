import { describe, expect, it } from '@jest/globals';
import type { SftpModuleOptions } from 'nestjs-sftpd';
import { SftpOptionsError } from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';

import { boundsOf } from '../../libs/sftpd/src/filesystem/open-files/open-file-options.js';
import { checkOptions } from '../../libs/sftpd/src/nest/check-options.js';
import { LOCKOUT_DEFAULTS } from '../../libs/sftpd/src/server/admission/lockout.js';
import { type DeclaredProperty, propertiesOf } from './support/declarations.js';
import {
  cell,
  codeIn,
  codesIn,
  tablesOf,
  tablesWith,
  type TableRow,
} from './support/markdown-tables.js';

const PAGE = 'docs/reference/options.md';
const LONGEST_TIME = 2 ** 31 - 1;

/** Where options are declared, with what their names begin with on the page. */
const INTERFACES = [
  ['', 'nest/sftp-module-options.ts', 'SftpModuleStatic'],
  ['', 'nest/sftp-module-options.ts', 'SftpModuleOptions'],
  ['', 'nest/backend-providers.ts', 'BackendSources'],
  ['hostKeys.', 'server/host-keys.ts', 'HostKeyOptions'],
  ['auth.', 'nest/sftp-module-options.ts', 'StaticUsersOption'],
  ['auth.', 'auth/passwords/hash-limit.ts', 'HashLimitOptions'],
  ['auth.passwords[].', 'auth/static-users.ts', 'PasswordUser'],
  ['openFiles.', 'filesystem/open-files/open-file-options.ts', 'OpenFileOptions'],
  ['access.', 'server/admission/access-options.ts', 'AccessOptions'],
  ['lockout.', 'server/admission/lockout-options.ts', 'LockoutOptions'],
  ['proxyProtocol.', 'server/admission/proxy-protocol-options.ts', 'ProxyProtocolOptions'],
  ['algorithms.', 'server/algorithms.ts', 'AlgorithmLists'],
] as const;

/** Inherited by `Pick`, of which the syntax tells nothing. */
const IMPORTS: DeclaredProperty = {
  name: 'imports',
  type: "ModuleMetadata['imports']",
  optional: true,
  fallback: undefined,
};

const declared = new Map(
  [
    IMPORTS,
    ...INTERFACES.flatMap(([prefix, file, type]) =>
      propertiesOf(file, type).map((option) => ({ ...option, name: prefix + option.name })),
    ),
  ].map((option) => [option.name, option]),
);

const rows: TableRow[] = tablesWith('option', await tablesOf(PAGE)).flatMap((table) => table.rows);
const named = new Map(rows.map((row) => [codeIn(cell(row, 'option')), row]));

const VALID: SftpModuleOptions = {
  hostKeys: { directory: './host-keys' },
  auth: { passwords: [{ username: 'dev', password: 'dev' }] },
  backend: new MemoryBackend(),
};

/** The options of a server, all valid but perhaps this one. */
function optionsWith(name: string, value: number): SftpModuleOptions {
  const [first = '', second] = name.split('.');
  if (second === undefined) return { ...VALID, [first]: value };
  const beside: Readonly<Record<string, object>> = {
    auth: VALID.auth ?? {},
    lockout: { lockTime: 1, maxLockTime: LONGEST_TIME },
  };
  return { ...VALID, [first]: { ...beside[first], [second]: value } };
}

/** What is wrong with a number. */
function problemsOf(name: string, value: number): readonly string[] {
  try {
    checkOptions(optionsWith(name, value));
    return [];
  } catch (error) {
    if (error instanceof SftpOptionsError) return error.problems;
    throw error;
  }
}

/** The defaults of numbers, wherever the code has them. */
const DEFAULTS = new Map<string, unknown>([
  ...Object.entries(checkOptions(VALID)),
  ...Object.entries(boundsOf({})).map(([name, value]) => [`openFiles.${name}`, value] as const),
  ...Object.entries(LOCKOUT_DEFAULTS).map(([name, value]) => [`lockout.${name}`, value] as const),
]);

const numbers = [...declared.values()].filter(({ type }) => type === 'number');

describe(PAGE, () => {
  it('has every option once, and nothing else', () => {
    expect(rows.map((row) => codeIn(cell(row, 'option'))).sort()).toEqual(
      [...declared.keys()].sort(),
    );
  });

  it.each([...declared.values()])('has the type of $name', ({ name, type }) => {
    expect(codeIn(cell(named.get(name)!, 'type'))).toBe(type);
  });

  it.each([...declared.values()])('tells whether $name is needed', ({ name, optional }) => {
    // It may stand beside the factory of forRootAsync.
    const isNeeded = !optional || name === 'auth';
    expect(cell(named.get(name)!, 'default') === 'required').toBe(isNeeded);
  });

  it('looks at many numbers', () => {
    expect(numbers.length).toBeGreaterThan(40);
  });

  it.each(numbers)('has the default of $name', ({ name, fallback }) => {
    const told = Number(codeIn(cell(named.get(name)!, 'default')));
    if (DEFAULTS.has(name)) expect(told).toBe(DEFAULTS.get(name));
    const [inDocs] = /^\S+/.exec(fallback ?? '') ?? [];
    const documented = Number(inDocs);
    if (!Number.isNaN(documented)) expect(told).toBe(documented);
    expect(DEFAULTS.has(name) || !Number.isNaN(documented)).toBe(true);
  });

  it.each(numbers)('has the bounds of $name', ({ name }) => {
    const text = cell(named.get(name)!, 'bounds');
    const [least, most] = codesIn(text).map(Number);
    expect(text).toMatch(/^`\w+` (to `\w+`|and more)$/);
    expect(problemsOf(name, least!)).toEqual([]);
    expect(problemsOf(name, least! - 1)).toHaveLength(1);
    expect(problemsOf(name, most ?? Number.MAX_SAFE_INTEGER)).toEqual([]);
    expect(problemsOf(name, (most ?? Number.MAX_SAFE_INTEGER) + 1)).toHaveLength(1);
  });

  it.each(
    [...declared.values()].filter(({ fallback = '' }) => /^(true|false|\{\}|'.*')$/.test(fallback)),
  )('has the default of $name, which is no number', ({ name, fallback }) => {
    expect(codeIn(cell(named.get(name)!, 'default'))).toBe(fallback);
  });
});
