const project = {
  testEnvironment: 'node',
  testEnvironmentOptions: {
    customExportConditions: ['nestjs-sftpd-source', 'node', 'node-addons'],
  },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/libs/[^/]+/dist'],
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, tsconfig: '<rootDir>/tsconfig.json' }] },
};

export default {
  // The second one writes down which clients have been seen to work: docs/reference/clients.md.
  reporters: ['default', '<rootDir>/test/clients/matrix/recorder.mjs'],
  // Half of what the tests do is to wait for other programs; Jest would leave a core for watching.
  maxWorkers: '100%',
  // Tests wait for events, not for time; a busy machine may let them wait.
  testTimeout: 30_000,
  coverageProvider: 'v8',
  collectCoverageFrom: [
    'libs/*/src/**/*.ts',
    'apps/*/src/**/*.ts',
    '!**/index.ts',
    '!**/*.spec.ts',
  ],
  projects: [
    {
      ...project,
      displayName: 'unit',
      testMatch: ['<rootDir>/libs/*/src/**/*.spec.ts', '<rootDir>/apps/*/src/**/*.spec.ts'],
    },
    { ...project, displayName: 'e2e', testMatch: ['<rootDir>/test/**/*.e2e-spec.ts'] },
  ],
};
