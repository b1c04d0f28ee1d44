import { describe, expect, it } from '@jest/globals';

import type { KeyboardInteractiveRequest } from '../../auth/authenticator.js';
import { Dialogue, type Questions } from './dialogue.js';

function started(): { dialogue: Dialogue; sent: Questions[] } {
  const sent: Questions[] = [];
  return { dialogue: new Dialogue((questions) => sent.push(questions)), sent };
}

const QUESTION: KeyboardInteractiveRequest = { prompts: [{ prompt: 'Code: ' }] };

describe('Dialogue', () => {
  it('asks one round after the other, with nothing shown unless it is wanted', async () => {
    const { dialogue, sent } = started();
    const first = dialogue.ask({
      name: 'Title',
      instruction: 'Do.',
      prompts: [{ prompt: 'User: ', echo: true }, { prompt: 'Code: ' }],
    });
    dialogue.answer(['ann', '1']);
    expect(await first).toEqual(['ann', '1']);
    const second = dialogue.ask({ prompts: [] });
    dialogue.answer([]);
    expect(await second).toEqual([]);
    expect(sent).toEqual([
      {
        name: 'Title',
        instruction: 'Do.',
        prompts: [
          { prompt: 'User: ', echo: true },
          { prompt: 'Code: ', echo: false },
        ],
      },
      { name: '', instruction: '', prompts: [] },
    ]);
  });

  it.each<[unknown, string]>([
    [undefined, 'prompts: must be a list'],
    [{}, 'prompts: must be a list'],
    [{ prompts: 'Code: ' }, 'prompts: must be a list'],
    [{ prompts: ['Code: '] }, 'prompts[0].prompt: must be a text that is not empty'],
    [{ prompts: [{ prompt: '' }] }, 'prompts[0].prompt: must be a text that is not empty'],
    [{ prompts: [null] }, 'prompts[0].prompt'],
    [{ prompts: [{ prompt: 'x', echo: 1 }] }, 'prompts[0].echo: must be true or false'],
    [{ prompts: [], name: 5 }, 'name: must be a text'],
    [{ prompts: [], instruction: null }, 'instruction: must be a text'],
    [{ prompts: Array.from({ length: 33 }, () => ({ prompt: 'x' })) }, 'prompts: 32 at most'],
    [{ prompts: [{ prompt: 'ä'.repeat(8193) }] }, '16384 bytes at most'],
  ])('fails with questions that are none: %j', async (request, message) => {
    const { dialogue, sent } = started();
    await expect(dialogue.ask(request as KeyboardInteractiveRequest)).rejects.toThrow(message);
    await expect(dialogue.failed).rejects.toThrow(TypeError);
    expect(sent).toEqual([]);
    await expect(dialogue.ask(QUESTION)).rejects.toThrow(message);
  });

  it('fails when a question is open already', async () => {
    const { dialogue } = started();
    const open = dialogue.ask(QUESTION);
    await expect(dialogue.ask(QUESTION)).rejects.toThrow('A question is open');
    await expect(open).rejects.toThrow('A question is open');
  });

  it('ends after 16 rounds: asking until the answer is right would be endless guesses', async () => {
    const { dialogue, sent } = started();
    for (let n = 0; n < 16; n += 1) {
      const asked = dialogue.ask(QUESTION);
      dialogue.answer(['x']);
      await asked;
    }
    await expect(dialogue.ask(QUESTION)).rejects.toThrow('16 rounds');
    expect(sent).toHaveLength(16);
  });

  it('rejects what is open and all that follows once it has failed, with the first reason', async () => {
    const { dialogue, sent } = started();
    const open = dialogue.ask(QUESTION);
    dialogue.fail(new Error('gone'));
    dialogue.fail(new Error('again'));
    dialogue.answer(['late']);
    await expect(open).rejects.toThrow('gone');
    await expect(dialogue.ask(QUESTION)).rejects.toThrow('gone');
    await expect(dialogue.failed).rejects.toThrow('gone');
    expect(sent).toHaveLength(1);
  });

  it('does not end the process when nobody waits for what has failed', async () => {
    const faults: unknown[] = [];
    const note = (error: unknown): void => void faults.push(error);
    process.on('unhandledRejection', note);
    const { dialogue } = started();
    void dialogue.ask(QUESTION);
    dialogue.fail(new Error('gone'));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(faults).toEqual([]);
  });
});
