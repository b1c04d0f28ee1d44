import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { findProgram, programOf } from '../../support/client-tools.js';
import { seededBytes } from '../../support/fixtures.js';
import { asOptions, sshSettings } from '../../support/openssh-client.js';
import { putFile } from '../../support/raw-files.js';
import { random } from '../../support/raw-random.js';
import { within } from '../../support/raw-transport.js';
import { isolatedEnvironment } from '../../support/run-program.js';
import { startTcpRelay, type TcpRelay } from '../../support/tcp-relay.js';
import { expectStored } from '../stories/steps.js';
import { checkInvariants } from './invariants.js';
import { channelOf, makeProps, type Props, Stage } from './stage.js';
import type { Subject } from './subjects.js';

const OLD = 'what was there before';
const CONTENT = seededBytes(600_000, 5);
const SENT = CONTENT.length;

/** Nothing, a session, a session that had begun an upload, and one that has completed it. */
const POSSIBLE =
  /^(|session\.opened,(upload\.started \/f,(upload\.aborted \/f \(disconnected, \d+ sent\)|upload\.completed \/f \(600000 sent, 600000 stored\)),)?session\.closed,)$/;

/** A client that uploads {@link CONTENT} to `/f` through a relay. */
interface Client {
  readonly ended: Promise<unknown>;
  kill(): Promise<void>;
}

/** How a client is started, and dies. */
export interface Death {
  readonly who: string;
  readonly start: (stage: Stage, relay: TcpRelay) => Promise<Client>;
}

/** OpenSSH's `sftp` is killed: no goodbye. */
export const KILLED_SFTP: Death = {
  who: "OpenSSH's sftp, killed (SIGKILL)",
  start: async (stage, relay) => {
    const target = await stage.target();
    await writeFile(join(target.home, 'file'), CONTENT);
    const settings = [
      `Port=${relay.port}`,
      `HostKeyAlias=[${target.host}]:${target.port}`,
      ...sshSettings(target),
    ];
    const child = spawn(
      programOf(findProgram('sftp')),
      [...asOptions(settings), '-b', '-', `${target.username}@${target.host}`],
      {
        cwd: target.home,
        env: isolatedEnvironment(target.home),
        detached: true,
        stdio: ['pipe', 'ignore', 'ignore'],
      },
    );
    child.stdin.on('error', () => undefined);
    child.stdin.end('put file /f\n');
    const ended = once(child, 'close');
    return { ended, kill: () => killGroup(child, ended) };
  },
};

/** A client of this process, both of whose ends of the connection break. */
export const BROKEN_CONNECTION: Death = {
  who: 'a client whose connection breaks',
  start: async (stage, relay) => {
    const ended = (async () => {
      const connection = await stage.connect(undefined, relay.port);
      await putFile(await channelOf(connection), '/f', CONTENT);
      await connection.end();
    })().catch(() => undefined);
    return {
      ended,
      kill: async () => {
        relay.cut();
        await ended;
      },
    };
  },
};

/**
 * Declares tests in which a client dies when so many bytes of it have come to the server.
 *
 * @param count of positions in its stream
 * @param seed of the positions
 */
export function describeDeaths(
  subject: Subject,
  { who, start }: Death,
  count: number,
  seed: number,
): void {
  describe(`over ${subject.name}, ${who}`, () => {
    let props: Props;
    let total: number;

    beforeAll(async () => {
      props = await makeProps();
    });

    afterAll(async () => {
      await props.home.remove();
    });

    /** @returns bytes that have come of the client, and what the server told */
    async function upload(share: number): Promise<{ sent: number; told: string[] }> {
      const stage = await Stage.open(subject, props);
      try {
        await stage.ground.probe.put('/f', Buffer.from(OLD));
        const limit = Number.isFinite(share) ? Math.floor(share * total) : Infinity;
        const sent = await untilCut(stage, limit).finally(() => stage.close());
        if (limit === Infinity) total = sent;
        await checkInvariants(stage.recorder.records, undefined);
        const told = stage.told.slice(1, -1);
        expect(told.map((line) => `${line},`).join('')).toMatch(POSSIBLE);
        const completed = told.some((line) => line.startsWith('upload.completed'));
        if (completed) await expectStored(stage, '/f', CONTENT);
        else if (subject.staged) await expectStored(stage, '/f', OLD);
        return { sent, told };
      } finally {
        await stage.ground.remove();
      }
    }

    async function untilCut(stage: Stage, limit: number): Promise<number> {
      const relay = await startTcpRelay(stage.port, limit);
      try {
        const { ended, kill } = await start(stage, relay);
        await within(Promise.race([relay.reached, ended]), `${limit} bytes of a client`, 20_000);
        await kill();
        return relay.passed;
      } finally {
        await relay.stop();
      }
    }

    it('nowhere: the upload is complete', async () => {
      const { sent, told } = await upload(Infinity);
      expect(told).toEqual([
        'session.opened',
        'upload.started /f',
        `upload.completed /f (${SENT} sent, ${SENT} stored)`,
        'session.closed',
      ]);
      expect(sent).toBeGreaterThan(SENT);
    });

    it.each(shares(count, seed))('at %f of its bytes', async (share) => {
      expect(total).toBeGreaterThan(SENT);
      await upload(share);
    });

    it('in the middle of the file', async () => {
      const { told } = await upload(0.5);
      expect(told.at(-2)).toMatch(/^upload\.aborted \/f \(disconnected, [1-9]\d* sent\)$/);
    });
  });
}

/** Where in the stream; every other one near its ends, where log-in, OPEN and CLOSE are. */
function shares(count: number, seed: number): number[] {
  const { below } = random(seed);
  return Array.from({ length: count }, (_, n) => {
    const anywhere = below(10_000) / 10_000;
    if (n % 3 === 1) return anywhere * 0.05;
    return n % 3 === 2 ? 1 - anywhere * 0.01 : anywhere;
  }).map((share) => Number(share.toFixed(6)));
}

async function killGroup(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.pid === undefined) throw new Error('sftp has not started');
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
  await within(ended, 'the end of sftp');
}
