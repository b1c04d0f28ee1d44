import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Child, type Ended, killChildren, ROOT } from './child.js';

jest.setTimeout(120_000);

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'contract-node-test-'));
  await symlink(path.join(ROOT, 'node_modules'), path.join(directory, 'node_modules'));
});

afterEach(() => killChildren());

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** Runs the suite of the built package in a plain process, over the backend that `made` makes. */
async function prove(made: string): Promise<Ended> {
  const file = path.join(directory, 'backend.test.mjs');
  await writeFile(
    file,
    `
      import { afterEach, beforeEach, describe, it } from 'node:test';
      import { MemoryBackend } from 'nestjs-sftpd/memory';
      import { describeBackendContract } from 'nestjs-sftpd/testing';
      class Faulty extends MemoryBackend {
        delete(path) {
          if (path !== '/nowhere') super.delete(path);
        }
      }
      describeBackendContract(
        {
          name: 'a backend',
          create: () => ({ backend: ${made} }),
          report: ({ groups }) => {
            const outcomes = groups.flatMap(({ tests }) => tests.map(({ outcome }) => outcome));
            const count = (wanted) => outcomes.filter((outcome) => outcome === wanted).length;
            console.log('REPORT', count('proved'), count('failed'), count('not run'));
          },
        },
        { describe, it, beforeEach, afterEach },
      );
    `,
  );
  // As TAP, whatever Node's version takes for its default.
  return new Child(['--test', '--test-reporter=tap', file], { cwd: directory }).ended;
}

function reported({ stdout }: Ended): { proved: number; failed: number; notRun: number } {
  const [, proved, failed, notRun] = /REPORT (\d+) (\d+) (\d+)/.exec(stdout) ?? [];
  return { proved: Number(proved), failed: Number(failed), notRun: Number(notRun) };
}

describe('the contract suite in node --test, without Jest', () => {
  it('passes over a sound backend, and reports that all was proved', async () => {
    const ended = await prove('new MemoryBackend()');
    expect({ code: ended.code, failed: /^# fail (\d+)$/m.exec(ended.stdout)?.[1] }).toEqual({
      code: 0,
      failed: '0',
    });
    const { proved, failed, notRun } = reported(ended);
    expect({ failed, notRun }).toEqual({ failed: 0, notRun: 0 });
    expect(proved).toBeGreaterThan(250);
  });

  it('fails over a faulty one, and names the fault', async () => {
    const ended = await prove('new Faulty()');
    expect(ended.code).toBe(1);
    expect(/^ *not ok \d+ - of a missing file is ENOENT$/m.test(ended.stdout)).toBe(true);
    expect(ended.stdout).toContain('expected ENOENT, but nothing was thrown');
    expect(reported(ended).failed).toBe(1);
  });

  it('needs neither Nest nor SSH', async () => {
    const code = `
      import { createRequire } from 'node:module';
      await import('nestjs-sftpd/testing');
      const required = Object.keys(createRequire(import.meta.url).cache);
      const ssh = required.some((file) => file.includes('/node_modules/ssh2/'));
      const nest = Reflect.getMetadata !== undefined;
      console.log(JSON.stringify({ ssh, nest }));`;
    const { stdout, stderr } = await new Child(['--input-type=module', '--eval', code]).ended;
    expect({ stdout: stdout.trim(), stderr }).toEqual({
      stdout: '{"ssh":false,"nest":false}',
      stderr: '',
    });
  });
});

describe('the types of nestjs-sftpd/testing', () => {
  it('do not mention those of ssh2, which a consumer need not have', async () => {
    const types = path.join(ROOT, 'libs', 'sftpd', 'dist', 'testing');
    const files = (await readdir(types, { recursive: true })).filter(
      // Nothing that a consumer can name stands in it.
      (file) => file.endsWith('.d.ts') && !file.endsWith('ssh-connection.d.ts'),
    );
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) {
      expect(await readFile(path.join(types, file), 'utf8')).not.toMatch(
        /from 'ssh2'|ssh-connection/,
      );
    }
  });
});
