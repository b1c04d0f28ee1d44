// @ts-check
import path from 'node:path';
import eslint from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * Who may import what in `libs/sftpd/src`. Imports only ever point downwards.
 *
 * - `folders`: other folders, values and types alike;
 * - `types`: folders of which only types may be imported (`import type`);
 * - `packages`: npm packages, a trailing `/*` stands for a whole scope or all sub-paths;
 * - `builtins`: modules of Node; left out, all of them.
 *
 * @typedef {{ folders?: string[], types?: string[], packages?: string[], builtins?: string[] }} Floor
 * @type {Record<string, Floor>}
 */
const FLOORS = {
  nest: {
    folders: ['server', 'session', 'protocol', 'filesystem', 'backends/*', 'auth', 'events'],
    packages: ['@nestjs/*', 'reflect-metadata', 'rxjs', 'rxjs/*'],
  },
  server: { folders: ['session', 'auth', 'events'], types: ['filesystem'], packages: ['ssh2'] },
  session: { folders: ['protocol', 'filesystem', 'events'] },
  protocol: { builtins: ['node:buffer', 'node:util'] },
  filesystem: {},
  'backends/*': { folders: ['filesystem'] },
  'backends/s3': { folders: ['filesystem'], packages: ['@aws-sdk/*'] },
  microservices: {
    folders: ['filesystem'],
    packages: ['@nestjs/*', 'reflect-metadata', 'rxjs', 'rxjs/*'],
  },
  // The client is injected, so that no Redis package is loaded by whoever uses another one.
  redis: { types: ['server'] },
  opentelemetry: {
    folders: ['nest', 'events'],
    packages: ['@nestjs/common', '@opentelemetry/api', 'reflect-metadata'],
  },
  terminus: { folders: ['nest'], packages: ['@nestjs/*', 'reflect-metadata'] },
  auth: { types: ['filesystem'], packages: ['argon2', 'bcrypt', 'ssh2'] },
  events: { types: ['filesystem'] },
  // The backend contract is public as it stands; its suite must not load the whole server to name it.
  testing: {
    folders: ['public face', 'filesystem'],
    packages: ['@nestjs/*', 'reflect-metadata', 'rxjs', 'ssh2'],
  },
  // The program stands above everything, and nothing imports it.
  cli: {
    folders: ['nest', 'server', 'session', 'filesystem', 'backends/*', 'auth', 'events'],
    packages: ['@nestjs/*', 'argon2', 'bcrypt', 'commander', 'read', 'reflect-metadata'],
  },
  'public face': {
    folders: [
      'nest',
      'server',
      'session',
      'protocol',
      'filesystem',
      'backends/*',
      'auth',
      'events',
      'testing',
    ],
  },
};

const LIBRARY = path.join(import.meta.dirname, 'libs', 'sftpd', 'src');

/**
 * The floor of a file of the library: its first folder, `backends/NAME` for a backend; the entries of the
 * package (`index.ts` at the top and of each backend) are the public face for whoever imports them.
 *
 * @param {string} file path relative to the library's source folder
 */
function floorOf(file) {
  const [first = '', second = ''] = file.split('/');
  if (file === first) return 'public face';
  return first === 'backends' ? `backends/${second}` : first;
}

/** @param {string} name @param {readonly string[]} patterns */
function matches(name, patterns) {
  return patterns.some((pattern) =>
    pattern.endsWith('/*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
}

/**
 * What is wrong with an import, or nothing.
 *
 * @param {string} file the importing file, relative to the library's source folder
 * @param {string} source what stands after `from`
 * @param {boolean} typeOnly
 * @returns {string | undefined}
 */
function wrongImport(file, source, typeOnly) {
  const from = floorOf(file);
  const floor = FLOORS[from] ?? FLOORS[from.startsWith('backends/') ? 'backends/*' : from];
  if (!floor) return `is in ${from}/, a folder that the table of import directions does not know`;

  if (source.startsWith('node:')) {
    if (!floor.builtins || typeOnly || floor.builtins.includes(source)) return undefined;
    return `must not import ${source}: ${from}/ does no input or output`;
  }
  if (!source.startsWith('.')) {
    if (matches(source, floor.packages ?? [])) return undefined;
    return `must not import ${source}: ${from}/ may use ${floor.packages?.join(', ') ?? 'no package'}`;
  }

  const target = path.posix.join(path.posix.dirname(file), source);
  if (target.startsWith('../')) return 'must not import from outside the library';
  const to = floorOf(target);
  if (to === from) return undefined;
  if (matches(to, floor.folders ?? [])) return undefined;
  if (floor.folders?.includes('public face') && /^backends\/[^/]+\/index\.js$/.test(target)) {
    return undefined;
  }
  if (matches(to, floor.types ?? [])) {
    return typeOnly ? undefined : `may import only types from ${to}/: write "import type"`;
  }
  return `must not import from ${to}/: imports only point downwards`;
}

/** @type {import('eslint').Rule.RuleModule} */
const importDirections = {
  meta: { type: 'problem', schema: [], messages: { wrong: 'A file of {{from}}/ {{what}}.' } },
  create(context) {
    const file = path.relative(LIBRARY, context.filename).split(path.sep).join('/');
    /** @param {import('estree').Node} node @param {unknown} source @param {boolean} typeOnly */
    const check = (node, source, typeOnly) => {
      if (typeof source !== 'string') return;
      const what = wrongImport(file, source, typeOnly);
      if (what) context.report({ node, messageId: 'wrong', data: { from: floorOf(file), what } });
    };
    /** @param {any} node */
    const declaration = (node) => {
      check(node, node.source?.value, (node.importKind ?? node.exportKind) === 'type');
    };
    return {
      ImportDeclaration: declaration,
      ExportNamedDeclaration: declaration,
      ExportAllDeclaration: declaration,
      /** @param {any} node */
      ImportExpression: (node) => check(node, node.source.value, false),
      /** @param {any} node */
      TSImportType: (node) =>
        check(node, node.source?.value ?? node.argument?.literal?.value, true),
    };
  },
};

/** What Node offers to plain JavaScript without an import. */
const NODE_GLOBALS = [
  'AbortController',
  'AbortSignal',
  'Buffer',
  'URL',
  'clearInterval',
  'clearTimeout',
  'console',
  'fetch',
  'performance',
  'process',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout',
  'structuredClone',
];

export default defineConfig(
  globalIgnores(['**/dist/', 'coverage/', '.sftpd/']),
  { linterOptions: { noInlineConfig: true } },
  eslint.configs.recommended,
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: Object.fromEntries(NODE_GLOBALS.map((name) => [name, 'readonly'])),
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'ssh2',
              allowImportNames: ['default'],
              allowTypeImports: true,
              message: "Node finds no named exports in ssh2: write `import ssh2 from 'ssh2'`.",
            },
          ],
        },
      ],
      // Nest declares its option types as classes, which object literals are meant to fill.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: ['libs/sftpd/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    plugins: { sftpd: { rules: { 'import-directions': importDirections } } },
    rules: { 'sftpd/import-directions': 'error' },
  },
  {
    files: ['**/*.spec.ts', 'test/**/*.ts'],
    rules: {
      'no-console': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  prettier,
);
