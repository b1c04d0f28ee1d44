import { expect } from '@jest/globals';
import type { UploadAbortReason } from 'nestjs-sftpd';

import type { Recorded } from './recorder.js';

const REASONS: readonly UploadAbortReason[] = [
  'disconnected',
  'terminated',
  'write',
  'commit',
  'gate',
];

/** Reasons that are never without an error. */
const WITH_ERROR: readonly UploadAbortReason[] = ['write', 'commit', 'gate'];

/**
 * Checks what must be true of the events of every story.
 *
 * @param digest the option `uploadDigest`: `sha256` or none
 */
export async function checkInvariants(
  records: readonly Recorded[],
  digest: string | undefined,
): Promise<void> {
  checkServer(records);
  checkSessions(records);
  checkUploads(records);
  for (const recorded of records) {
    if (recorded.name === 'upload.completed') await checkStored(recorded, digest);
  }
}

/** All happens between the server's start and its end. */
function checkServer(records: readonly Recorded[]): void {
  let listening = false;
  for (const { name, event } of records) {
    if (name === 'server.listening') {
      expect(listening).toBe(false);
      expect(event.port).toBeGreaterThan(0);
      listening = true;
    } else {
      expect(`${name} while ${listening ? 'listening' : 'stopped'}`).toBe(
        `${name} while listening`,
      );
      if (name === 'server.stopped') listening = false;
    }
  }
  expect(listening).toBe(false);
}

/** A session's events are between its start and its end, and it ends once. */
function checkSessions(records: readonly Recorded[]): void {
  const states = new Map<string, 'open' | 'closed'>();
  for (const { name, event } of records) {
    if (name === 'server.stopped') expect([...states.values()]).not.toContain('open');
    if (!('session' in event)) continue;
    const { id } = event.session;
    const state = states.get(id) ?? 'not yet open';
    const expected = name === 'session.opened' ? 'not yet open' : 'open';
    expect(`${name} of a session ${state}`).toBe(`${name} of a session ${expected}`);
    states.set(id, name === 'session.closed' ? 'closed' : 'open');
    if ('duration' in event) expect(event.duration).toBeGreaterThanOrEqual(0);
  }
}

/** An upload that has started is either completed or aborted, once, and nothing else is. */
function checkUploads(records: readonly Recorded[]): void {
  const states = new Map<string, { path: string; session: string; ended: boolean }>();
  for (const { name, event } of records) {
    if (name === 'upload.started') {
      expect(states.has(event.transferId)).toBe(false);
      expect(event.flags.write).toBe(true);
      states.set(event.transferId, {
        path: event.path,
        session: event.session.id,
        ended: false,
      });
    } else if (name === 'upload.completed' || name === 'upload.aborted') {
      const { path, session, transferId, bytes } = { ...event, session: event.session.id };
      expect(states.get(transferId)).toEqual({ path, session, ended: false });
      expect(bytes).toBeGreaterThanOrEqual(0);
      states.set(transferId, { path, session, ended: true });
      if (name === 'upload.aborted') checkReason(event.reason, event.error);
    }
  }
  expect([...states.values()].filter(({ ended }) => !ended)).toEqual([]);
}

function checkReason(reason: UploadAbortReason, error: unknown): void {
  expect(REASONS).toContain(reason);
  if (error !== undefined || WITH_ERROR.includes(reason)) {
    expect({ reason, error }).toEqual({ reason, error: expect.any(Error) });
  }
}

/** The storage has what is told complete, at that moment. */
async function checkStored(
  { event, seen }: Extract<Recorded, { name: 'upload.completed' }>,
  digest: string | undefined,
): Promise<void> {
  const stored = await seen;
  expect({ path: event.path, size: stored?.size }).toEqual({ path: event.path, size: event.size });
  expect(event.digest).toEqual(
    digest === undefined ? undefined : { algorithm: digest, hex: stored?.sha256 },
  );
}
