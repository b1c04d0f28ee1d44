import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SftpModuleOptions } from 'nestjs-sftpd';

import { checkInvariants } from './invariants.js';
import { makeProps, type Props, Stage } from './stage.js';
import type { Subject } from './subjects.js';

type Told = readonly (string | readonly string[])[];

/** What happened, and which events must have come, in which order. */
export interface Story {
  readonly what: string;
  /** Whether it can happen over a storage. @default everywhere */
  readonly over?: (subject: Subject) => boolean;
  /** Further options of the server. */
  readonly options?: Partial<SftpModuleOptions>;
  /** Lets it happen; whatever is still connected at the end hangs up, and the application is closed. */
  readonly happens: (stage: Stage) => Promise<void>;
  /**
   * All events but the first (`server.listening`) and the last (`server.stopped`). Those that stand together in a list
   * come side by side, in any order.
   */
  readonly events: Told | ((subject: Subject) => Told);
  /** Further expectations, of the storage first of all, when all is over. */
  readonly then?: (stage: Stage) => Promise<void>;
}

/** Declares a test for each story, over one storage. */
export function describeStories(subject: Subject, title: string, stories: readonly Story[]): void {
  const possible = stories.filter(({ over }) => over?.(subject) ?? true);
  describe(`over ${subject.name}, ${title}:`, () => {
    let props: Props;

    beforeAll(async () => {
      props = await makeProps();
    });

    afterAll(async () => {
      await props.home.remove();
    });

    it.each(possible.map((story) => [story.what, story] as const))('%s', async (_what, story) => {
      const stage = await Stage.open(subject, props, story.options);
      try {
        await story.happens(stage).finally(() => stage.close());
        const { events } = story;
        const expected = typeof events === 'function' ? events(subject) : events;
        const all = ['server.listening', ...expected, 'server.stopped'];
        expect(inAnyOrder(stage.told, all)).toEqual(all.flat());
        await checkInvariants(stage.recorder.records, story.options?.uploadDigest);
        await story.then?.(stage);
      } finally {
        await stage.ground.remove();
      }
    });
  });
}

/** What was told, with those that may come in any order in the order in which they are expected. */
function inAnyOrder(told: readonly string[], expected: Told): string[] {
  const sorted = [...told];
  let at = 0;
  for (const one of expected) {
    if (typeof one === 'string') {
      at += 1;
      continue;
    }
    const found = sorted.slice(at, at + one.length);
    sorted.splice(at, one.length, ...found.sort((a, b) => one.indexOf(a) - one.indexOf(b)));
    at += one.length;
  }
  return sorted;
}
