/**
 * What stands around a TypeScript block that is no file of its own but some lines of one. A block without a file name
 * for which there is nothing here has to compile as it is.
 */
export interface FragmentContext {
  readonly page: string;
  /** How the block begins; unlike all others of the page. */
  readonly begins: string;
  readonly before: string;
  readonly after?: string;
}

/** For blocks that show some options and leave out the others. */
const SOME_OPTIONS = `import type { SftpModuleOptions } from 'nestjs-sftpd';
declare const SftpModule: { forRoot(options: Partial<SftpModuleOptions>): unknown };
`;

const AUTHENTICATION = 'docs/reference/authentication.md';
const LIMITS = 'docs/reference/limits.md';
const OPTIONS = 'docs/reference/options.md';
const SSH = 'docs/reference/ssh.md';
const TELEMETRY = 'docs/reference/telemetry.md';

export const FRAGMENTS: readonly FragmentContext[] = [
  {
    page: AUTHENTICATION,
    begins: 'server.events.on(',
    before: `import type { SftpServer } from 'nestjs-sftpd';
declare const server: SftpServer;
`,
  },
  { page: AUTHENTICATION, begins: 'SftpModule.forRoot({\n  auth: {', before: SOME_OPTIONS },
  {
    page: AUTHENTICATION,
    begins: 'const users = await StaticUsers.create(list);',
    before: `import { type PasswordUser, StaticUsers } from 'nestjs-sftpd';
declare const list: PasswordUser[];
declare const password: string;
`,
  },
  {
    page: AUTHENTICATION,
    begins: 'import {\n  AuthorizedKeys,\n  decodeAuthorizedKey,',
    before: `import type { SftpPeer, SftpPublicKey } from 'nestjs-sftpd';
declare const line: string;
declare const text: string;
declare const offered: SftpPublicKey;
declare const peer: SftpPeer;
`,
  },
  {
    page: LIMITS,
    begins: '@Injectable()\nexport class RefusalMetrics',
    before: `import { Injectable } from '@nestjs/common';
import { type ConnectionRefusedEvent, OnSftpEvent } from 'nestjs-sftpd';
`,
  },
  {
    page: LIMITS,
    begins: 'authenticatePassword(username: string',
    before: `import { Acceptance } from 'nestjs-sftpd';
interface Partners {
  find(username: string, password: string): { readonly tenant: string } | undefined;
}
export class PartnersAuthenticator {
  constructor(private readonly partners: Partners) {}
`,
    after: '}\n',
  },
  {
    page: LIMITS,
    begins: 'SftpModule.forRoot({ placesStore',
    before: `import type { PlacesStore } from 'nestjs-sftpd';
declare const myStore: PlacesStore;
${SOME_OPTIONS}`,
  },
  { page: LIMITS, begins: 'SftpModule.forRoot({\n  access: {', before: SOME_OPTIONS },
  {
    page: LIMITS,
    begins: "import { Redis } from 'ioredis';",
    before: `import type { Logger } from '@nestjs/common';
declare const logger: Logger;
${SOME_OPTIONS}`,
  },
  { page: LIMITS, begins: 'SftpModule.forRoot({\n  proxyProtocol: {', before: SOME_OPTIONS },
  {
    page: OPTIONS,
    begins: 'SftpModule.forRoot({\n  port: 2222,',
    before: `import { SftpModule } from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';
`,
  },
  { page: SSH, begins: 'SftpModule.forRoot({\n  algorithms: {', before: SOME_OPTIONS },
  {
    page: SSH,
    begins: 'const keys = await sftpServer.reloadHostKeys();',
    before: `import type { SftpServer } from 'nestjs-sftpd';
declare const sftpServer: SftpServer;
`,
  },
  {
    page: TELEMETRY,
    begins: 'import { SftpTelemetryModule }',
    before: `import { Module } from '@nestjs/common';
import { SftpModule, type SftpModuleOptions } from 'nestjs-sftpd';
declare const options: SftpModuleOptions;
`,
  },
  {
    page: TELEMETRY,
    begins: 'import { HealthCheck, HealthCheckService, TerminusModule }',
    before: "import { Controller, Get, Module } from '@nestjs/common';\n",
  },
];

/** Files that a page takes from elsewhere. */
export const BORROWED: readonly {
  readonly page: string;
  readonly file: string;
  /** The page that has the file, or its code. */
  readonly from: { readonly page: string } | { readonly code: string };
}[] = [
  {
    page: 'docs/reference/backends.md',
    file: 'reports.backend.ts',
    from: { page: 'docs/guides/tour.md' },
  },
  {
    page: 'docs/reference/backends.md',
    file: 'reports.module.ts',
    from: {
      code: `import { Module } from '@nestjs/common';
import { ReportsBackend } from './reports.backend.js';
@Module({ providers: [ReportsBackend], exports: [ReportsBackend] })
export class ReportsModule {}
`,
    },
  },
];
