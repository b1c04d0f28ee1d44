/** Which specification runs the programs and tests of a page. */
export const RUN_BY: Readonly<Record<string, string>> = {
  'README.md': 'test/smoke/readme.e2e-spec.ts',
  'libs/sftpd/README.md': 'test/smoke/readme.e2e-spec.ts',
  'docs/guides/custom-backends.md': 'test/smoke/guide.e2e-spec.ts',
  'docs/guides/remote-backends.md': 'test/smoke/remote-backends-guide.e2e-spec.ts',
  'docs/guides/testing.md': 'test/smoke/testing-guide.e2e-spec.ts',
  'docs/reference/authentication.md': 'test/smoke/authentication-page.e2e-spec.ts',
  'docs/reference/events.md': 'test/smoke/events-page.e2e-spec.ts',
  'docs/guides/getting-started.md': 'test/docs/getting-started.e2e-spec.ts',
  'docs/guides/in-an-application.md': 'test/docs/in-an-application.e2e-spec.ts',
  'docs/guides/events.md': 'test/docs/events-guide.e2e-spec.ts',
  'docs/guides/telemetry.md': 'test/docs/telemetry-guide.e2e-spec.ts',
  'docs/guides/operating.md': 'test/docs/operating-guide.e2e-spec.ts',
};

/** Which files paste the commands of a page into a shell. */
export const PASTED_BY: Readonly<Record<string, readonly string[]>> = {
  'CONTRIBUTING.md': ['test/docs/project-commands.e2e-spec.ts'],
  'README.md': [
    'test/consumer/quick-start.mjs',
    'test/docs/installing.e2e-spec.ts',
    'test/smoke/readme.e2e-spec.ts',
  ],
  'apps/documents/README.md': ['test/docs/documents-commands.e2e-spec.ts'],
  'docs/guides/custom-backends.md': ['test/docs/installing.e2e-spec.ts'],
  'docs/guides/getting-started.md': ['test/docs/getting-started.e2e-spec.ts'],
  'docs/guides/hardening.md': ['test/docs/guide-commands.e2e-spec.ts'],
  'docs/guides/in-an-application.md': [
    'test/docs/guide-commands.e2e-spec.ts',
    'test/docs/installing.e2e-spec.ts',
    'test/docs/users-database.e2e-spec.ts',
  ],
  'docs/guides/ingestion.md': ['test/docs/gateway-commands.e2e-spec.ts'],
  'docs/guides/many-processes.md': [
    'test/docs/gateway-commands.e2e-spec.ts',
    'test/docs/store-commands.e2e-spec.ts',
  ],
  'docs/guides/migrating.md': ['test/docs/guide-commands.e2e-spec.ts'],
  'docs/guides/remote-backends.md': ['test/docs/installing.e2e-spec.ts'],
  'docs/guides/s3.md': ['test/docs/installing.e2e-spec.ts', 'test/docs/store-commands.e2e-spec.ts'],
  'docs/guides/telemetry.md': ['test/docs/installing.e2e-spec.ts'],
  'docs/guides/testing.md': [
    'test/docs/installing.e2e-spec.ts',
    'test/smoke/testing-guide.e2e-spec.ts',
  ],
  'docs/performance.md': ['test/docs/project-commands.e2e-spec.ts'],
  'docs/reference/authentication.md': ['test/docs/guide-commands.e2e-spec.ts'],
  'docs/reference/cli.md': ['test/docs/cli-commands.e2e-spec.ts'],
  'docs/reference/clients.md': ['test/docs/project-commands.e2e-spec.ts'],
  'docs/reference/gateway.md': [
    'test/docs/gateway-commands.e2e-spec.ts',
    'test/docs/guide-commands.e2e-spec.ts',
    'test/docs/store-commands.e2e-spec.ts',
  ],
  'docs/reference/s3-backend.md': ['test/docs/installing.e2e-spec.ts'],
  'docs/reference/ssh.md': ['test/docs/guide-commands.e2e-spec.ts'],
  'libs/sftpd/README.md': ['test/docs/installing.e2e-spec.ts', 'test/smoke/readme.e2e-spec.ts'],
};
