/**
 * Builds the image of docs/guides/in-an-application.md with the application of that page, runs it and logs in.
 *
 *     npm run build:lib && node --test-reporter=spec test/consumer/container.mjs
 *
 * Needs buildah, and root. Where one of them is missing it is skipped, unless `REQUIRE_CLIENTS` is 1.
 */
import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

import { blocksOf } from './kit/blocks.mjs';
import { pack } from './kit/npm.mjs';
import { run } from './kit/program.mjs';
import { Shell } from './kit/shell.mjs';

const PAGE = 'docs/guides/in-an-application.md';
const BEGINNING = 'docs/guides/getting-started.md';
const BASE_IMAGE = path.join(import.meta.dirname, 'kit', 'base-image.sh');
const COPY = 'COPY package.json package-lock.json ./';

const reasonToSkip = await whyNot();

async function whyNot() {
  if (process.env.REQUIRE_CLIENTS === '1') return false;
  if (process.getuid?.() !== 0) return 'images are built by root here';
  const { code } = await run('sh', ['-c', 'command -v buildah'], { cwd: '/' });
  return code !== 0 && 'buildah is not installed';
}

describe(`the container of ${PAGE}`, { skip: reasonToSkip }, () => {
  let directory;
  let shell;

  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'sftpd-container-'));
    await mkdir(path.join(directory, 'app', 'src'), { recursive: true });
    shell = new Shell(path.join(directory, 'app'));
    await writeApplication();
    await makeBaseImages();
  });

  after(async () => {
    await shell.end();
    await shell
      .run(`${buildah('rm --all')}; ${buildah('rmi --all --force')}`)
      .catch(() => undefined);
    await rm(directory, { recursive: true, force: true });
  });

  /** With a store of its own: nothing of the user's images is touched. */
  function buildah(words) {
    const store = `--root ${directory}/images --runroot ${directory}/run --storage-driver vfs`;
    return `buildah ${store} ${words}`;
  }

  /** The page's application, as the page before it begins one. */
  async function writeApplication() {
    for (const code of await blocksOf(PAGE, 'ts')) {
      const [, file] = /^\/\/ (\S+)\n/.exec(code);
      await writeFile(path.join(directory, 'app', 'src', file), code);
    }
    const [dockerfile] = await blocksOf(PAGE, 'dockerfile');
    const tarball = path.basename(await pack(directory));
    await copyFile(path.join(directory, tarball), path.join(directory, 'app', tarball));
    assert.ok(dockerfile.includes(COPY));
    // The package is not in a registry yet.
    const withTarball = dockerfile.replace(COPY, COPY.replace(' ./', ` ${tarball} ./`));
    await writeFile(path.join(directory, 'app', 'Dockerfile'), withTarball);
    const [begin, configure] = await blocksOf(BEGINNING, 'sh');
    const [more] = await blocksOf(PAGE, 'sh');
    assert.match(more, /^npm install /);
    const install = `${begin}${more}`
      .split('\n')
      .filter((line) => !line.startsWith('mkdir'))
      .map((line) => line.replace('npm install', 'npm install --package-lock-only'))
      .join('\n')
      .replace(' nestjs-sftpd', ` ./${tarball}`);
    await shell.run(`${install}\n${configure}`);
  }

  /** With what npm needs to reach its registry from in there as it does from here. */
  async function makeBaseImages() {
    const root = path.join(directory, 'root');
    await shell.run(`${BASE_IMAGE} ${root}`);
    const { NODE_EXTRA_CA_CERTS: authorities } = process.env;
    const registry = (await shell.run('npm config get registry')).stdout.trim();
    const env = {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      npm_config_registry: registry,
      ...(authorities !== undefined && { NODE_EXTRA_CA_CERTS: authorities }),
    };
    const settings = Object.entries(env).map(([name, value]) => `--env ${name}=${value}`);
    await shell.run(`
container=$(${buildah('from scratch')})
${buildah(`add --quiet "$container" ${root} /`)}
${buildah(`config ${settings.join(' ')} "$container"`)}
for name in node:22 node:22-slim; do ${buildah('commit --quiet "$container" localhost/$name')}; done
`);
  }

  it('is built by its Dockerfile', async () => {
    const options = '--isolation chroot --network host --tag localhost/sftp';
    const { stdout } = await shell.run(buildah(`build ${options} .`));
    assert.match(stdout, /^Successfully tagged localhost\/sftp/m);
  });

  it('serves tenants, as a user who owns nothing but the two volumes', async () => {
    const { stdout } = await shell.run(buildah('from localhost/sftp'));
    const container = stdout.trim();
    const inside = (words) => buildah(`run --isolation chroot --network host ${words}`);
    const server = shell.serve(inside(`--env SFTP_PORT=0 ${container} node dist/main.js`));
    const [, port] = await server.output(/Listening on \S+ port (\d+)/);
    const logIn = `sftp -P ${port} anna@127.0.0.1`;
    await shell.sftp(logIn, 'a secret', 'put package.json\n');
    const look = 'id -un; ls /data/tenants/north; ls /host-keys; ! touch /app/x 2> /dev/null';
    const seen = await shell.run(inside(`${container} sh -c '${look}'`));
    assert.match(seen.stdout, /^node\npackage\.json\nssh_host_ecdsa_key\n/);
    // Without a daemon it is killed with the shell; how it ends in order is tested without a container.
    await server.kill();
  });
});
