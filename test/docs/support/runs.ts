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
