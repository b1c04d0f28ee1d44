import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { type Child, killChildren } from '../smoke/child.js';
import { freePort } from '../support/free-port.js';
import { channelOf, GuideProject, portOf, upload } from './support/guide-project.js';
import { HttpOf } from './support/http-of.js';
import { pageOf } from './support/pages.js';

jest.setTimeout(120_000);

const PAGE = 'docs/guides/telemetry.md';

let project: GuideProject;
let app: Child;
let http: HttpOf;

beforeAll(async () => {
  project = await GuideProject.build(PAGE);
  const port = await freePort();
  app = project.start('main.js', { HTTP_PORT: String(port) });
  http = new HttpOf(port);
});

afterAll(async () => {
  await killChildren();
  await project.remove();
});

describe(`the application of ${PAGE}`, () => {
  it('is alive and ready, and tells Prometheus what the panels of the page ask for', async () => {
    const { connection, sftp } = await channelOf(await portOf(app), 'dev', 'dev');
    expect(await upload(sftp, '/a.csv', 'a,b')).toMatchObject({ status: 'OK' });
    await http.listens();
    expect((await http.ask('GET', '/health/live')).status).toBe(200);
    expect((await http.ask('GET', '/health/ready')).status).toBe(200);
    const { body } = await http.ask('GET', '/metrics');
    expect(body).toMatch(/^sftp_server_uploads_total\{[^}]*completed[^}]*\} 1$/m);
    // What has not happened yet has no series, and does in no server of this test.
    const { text } = await pageOf(PAGE);
    const named = new Set(text.match(/\bsftp_server_[a-z_]+/g));
    expect(named.size).toBeGreaterThan(8);
    const unseen = ['sftp_server_auth_failures_total', 'sftp_server_refusals_total'];
    expect([...named].filter((name) => !body.includes(name)).sort()).toEqual(unseen);
    await connection.end();
  });
});
