import { describeWith } from '@wegent/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkAnswer, checkHeard, comparable } from './mix-checks.ts';
import { type MixStage, startMixStage } from './mix-stage.ts';
import { MESSAGE, MIXES, SHELLS } from './mixes.ts';

/** Tasks at once: vitest runs no more tests beside each other. */
const AT_ONCE = 5;

describeWith(['claude-code', 'agno', 'bubblewrap'], 'every mode with every mix of Shells', () => {
  let stage: MixStage;

  beforeAll(async () => {
    stage = await startMixStage({ atOnce: AT_ONCE });
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  test.concurrent.each(MIXES)('$name', async (mix) => {
    await stage.make(mix);
    const { taskId, seen, stored } = await stage.ask(mix.name, MESSAGE);
    checkAnswer(mix, seen);
    checkHeard(mix, stage.heard(mix.name));
    // What is read later is what was seen.
    expect(comparable(stored)).toEqual(comparable(seen));
    await stage.admin.api.tasks.remove(taskId);
  });

  test.concurrent.each(SHELLS)('the next turn knows what was answered: %s', async (first) => {
    const mix = { name: `again-${first.toLowerCase()}`, mode: 'pipeline', first, second: 'Chat' } as const;
    await stage.make(mix);
    const { taskId } = await stage.ask(mix.name, MESSAGE);
    await stage.ask(mix.name, 'And back?', { taskId });
    const [, , ann] = stage.heard(mix.name);
    expect(ann?.member).toBe('ann');
    // The answer was that of the last stage, whatever the first remembers of its own.
    const { past = [], instructions, input } = ann ?? {};
    expect([...past, instructions, input].join('\n')).toContain('ben says 1');
    await stage.admin.api.tasks.remove(taskId);
  });
});
