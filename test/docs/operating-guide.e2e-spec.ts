import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { attempt, untilClosed } from '../server/support/log-in.js';
import { type Child, killChildren, ROOT } from '../smoke/child.js';
import { freePort } from '../support/free-port.js';
import { GuideProject, portOf } from './support/guide-project.js';
import { HttpOf } from './support/http-of.js';
import { pageOf } from './support/pages.js';

jest.setTimeout(120_000);

const PAGE = 'docs/guides/operating.md';

describe(`the operations of ${PAGE}`, () => {
  let project: GuideProject;
  let app: Child;
  let http: HttpOf;
  let port: number;

  beforeAll(async () => {
    project = await GuideProject.build(PAGE);
    const httpPort = await freePort();
    app = project.start('operations.app.js', { HTTP_PORT: String(httpPort) });
    http = new HttpOf(httpPort);
    port = await portOf(app);
    await http.listens();
  });

  afterAll(async () => {
    await killChildren();
    await project.remove();
  });

  it('list sessions, end one, pause and resume', async () => {
    const { client, outcome } = attempt({ port, password: 'dev' });
    expect(await outcome).toBe('logged in');
    const { body } = await http.ask('GET', '/sftp/sessions');
    const sessions = JSON.parse(body) as { id: string }[];
    expect(sessions).toEqual([
      expect.objectContaining({ username: 'dev', address: '127.0.0.1', transfers: [] }),
    ]);
    const closed = untilClosed(client, 'a session that was ended');
    const end = `/sftp/sessions/${sessions[0]?.id ?? ''}`;
    expect((await http.ask('DELETE', end)).status).toBe(200);
    await closed;
    expect((await http.ask('DELETE', end)).status).toBe(404);

    expect((await http.ask('POST', '/sftp/pause')).status).toBe(201);
    const refused = attempt({ port, password: 'dev' });
    expect(await refused.outcome).not.toBe('logged in');
    refused.client.destroy();
    expect((await http.ask('POST', '/sftp/resume')).status).toBe(201);
    const taken = attempt({ port, password: 'dev' });
    expect(await taken.outcome).toBe('logged in');
    taken.client.destroy();
  });

  it('read the host keys again, by request and by signal', async () => {
    const { body } = await http.ask('POST', '/sftp/host-keys');
    expect(body).toContain('SHA256:');
    app.kill('SIGHUP');
    await app.output(/(?:Host keys for new connections[\s\S]*){2}/);
  });
});

describe(`what ${PAGE} quotes`, () => {
  it('is written by the library: what clients are told, and the lines of the log', async () => {
    const sources = await librarySources();
    const { text } = await pageOf(PAGE);
    const unknown = quotedIn(text).filter((line) => !isWritten(line, sources));
    expect(unknown).toEqual([]);
  });
});

/** What other programs say; all else that the page's tables quote is the library's. */
const OF_CLIENTS =
  /^(?:Connection |kex_exchange|REMOTE HOST|no matching |Permission denied \(|\(password\)|Too many authentication|Load key|UNPROTECTED|exec request|shell request|Operation unsupported)/;

/** The first cells of the tables of log lines and of troubleshooting, each quotation by itself. */
function quotedIn(page: string): string[] {
  const tables = [page.indexOf('## What the log says'), page.indexOf('## Troubleshooting')];
  const lines = tables.flatMap((from) => {
    if (from < 0) throw new Error('The page has no such section');
    const [section = ''] = page.slice(from + 3).split('\n## ');
    return section.split('\n').filter((line) => line.startsWith('| `'));
  });
  const quotations = lines.flatMap((line) => {
    const [, cell = ''] = line.split(' | ')[0]?.split('| ') ?? [];
    return [...cell.matchAll(/`([^`]+)`/g)].map(([, quotation = '']) => quotation);
  });
  expect(quotations.length).toBeGreaterThan(30);
  return quotations.filter((quotation) => !OF_CLIENTS.test(quotation) && !isCommand(quotation));
}

function isCommand(quotation: string): boolean {
  return /^(?:put|scp) -/.test(quotation);
}

/**
 * Whether its fixed words stand in the sources, in this order within one text: names, numbers and what stands for
 * something else may be anything.
 */
function isWritten(line: string, sources: string): boolean {
  const words = line
    .split(
      /"[^"]*"|\d[\d.:]*|\.\.\.|: |\b(?:UsersAuthenticator|password|publickey|upload\.commit|commit)\b/,
    )
    .map((part) => part.replace(/^[\s,;:()]+|[\s,;:()]+$/g, ''))
    .filter((part) => /[a-z]{3}/i.test(part))
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return words.every((part) => new RegExp(part.replaceAll(' ', '\\s+')).test(sources));
}

async function librarySources(): Promise<string> {
  const folder = path.join(ROOT, 'libs', 'sftpd', 'src');
  const files = (await readdir(folder, { recursive: true })).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'),
  );
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
  return texts.join('\n');
}
