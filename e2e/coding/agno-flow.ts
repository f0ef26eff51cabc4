import { waitFor } from '@wegent/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toolsOf } from '../support/coding.ts';
import { TOKENS } from '../support/counting-model.ts';
import { insideOf, stillThere } from '../support/sandbox-processes.ts';
import { type AgnoStage, startAgnoStage } from './agno-stage.ts';

/** Agents of Agno with everything real but the model. */
export function agnoFlow(sandbox: 'local' | 'docker'): void {
  let stage: AgnoStage;
  beforeAll(async () => {
    stage = await startAgnoStage({ sandbox });
  });
  afterAll(async () => {
    const inside = sandbox === 'local' ? await insideOf(stage.product.dataDir) : [];
    await stage?.[Symbol.asyncDispose]();
    expect(await stillThere(inside), 'processes of its sandboxes').toEqual([]);
  });
  const sandboxGone = () =>
    waitFor(async () => (await stage.sandboxes()) === 0, { what: 'no sandbox', timeoutMs: 60_000 });

  test('works with tools in its work tree, and remembers after its sandbox was removed', async () => {
    const before = stage.answered();
    const task = await stage.start('scribe', 'write the word alpha');
    const answer = await task.answered();
    expect(answer).toMatchObject({ status: 'completed', shellType: 'Agno', model: 'large' });
    expect(answer.text).toBe('heard: written in /workspace/project');
    expect(toolsOf(answer)).toMatchObject([{ tool: 'files__write_note', done: true, isError: false }]);
    expect(answer.blocks.find(({ type }) => type === 'files')).toMatchObject({
      files: [{ path: 'note.txt', status: 'added' }],
    });
    // Two calls of the model, each counted once, at the gateway.
    expect(stage.answered() - before).toBe(2);
    const usage = { inputTokens: 2 * TOKENS.input, outputTokens: 2 * TOKENS.output };
    expect(answer.usage).toMatchObject({ ...usage, costUsd: 24 / 1_000_000 });

    await sandboxGone();
    await task.send('what did I say?');
    const again = await task.answered();
    expect(again.text).toBe('You said: write the word alpha | what did I say?');
    expect(await task.text('/files/note.txt')).toBe('the word alpha');
    const { status } = await stage.admin.api.tasks.get(task.taskId);
    expect(status).toMatchObject({ usage: { inputTokens: 3 * TOKENS.input } });
  });

  test('a Team of Agno is one run: its members are seen, and each is booked under its Model', async () => {
    const before = stage.booked();
    const task = await stage.start('crew', 'cross the river');
    const answer = await task.answered();
    expect(answer.error).toBeUndefined();
    expect(answer.text).toBe(
      'heard: small heard: cross the river (ben) + small heard: cross the river (cleo)',
    );
    expect(answer.executionIds).toHaveLength(1);
    const [leader, ...members] = answer.runs ?? [];
    expect(leader).toMatchObject({ step: { member: 'ann' }, state: 'completed', shellType: 'Agno' });
    expect(
      members
        .map(({ step, inside, state, model, usage }) => [
          step?.member,
          inside,
          state,
          model,
          usage?.inputTokens,
        ])
        .toSorted(),
    ).toEqual([
      ['ben', true, 'completed', 'small', TOKENS.input],
      ['cleo', true, 'completed', 'small', TOKENS.input],
    ]);
    expect(answer.usage).toMatchObject({ inputTokens: 4 * TOKENS.input });
    const after = stage.booked();
    const grown = (model: string) => (after.get(model) ?? 0) - (before.get(model) ?? 0);
    expect([grown('large'), grown('small')]).toEqual([2 * TOKENS.input, 2 * TOKENS.input]);
    await sandboxGone();
    await task.send('what did I say?');
    expect((await task.answered()).text).toBe('You said: cross the river | what did I say?');
  });

  test('is stopped while its model is silent, members and all, and goes on with the next message', async () => {
    for (const team of ['scribe', 'crew'] as const) {
      const before = stage.unanswered();
      const task = await stage.start(team, 'be silent');
      await silence(before + (team === 'crew' ? 2 : 1));
      expect(await stage.admin.api.tasks.cancel(task.taskId)).toEqual({ outcome: 'cancelled' });
      expect((await task.answered()).status).toBe('cancelled');
      await task.send('go on');
      const next = await task.answered();
      expect(next.error).toBeUndefined();
      expect(next.status).toBe('completed');
    }
  });

  if (sandbox === 'local')
    test('its process is killed: the run fails in words, and the next one works', async () => {
      await sandboxGone();
      const before = stage.unanswered();
      const task = await stage.start('scribe', 'be silent');
      await silence(before + 1);
      const [bridge] = await bridges();
      expect(bridge).toBeDefined();
      if (bridge) process.kill(bridge.pid, 'SIGKILL');
      const failed = await task.answered();
      expect(failed).toMatchObject({
        status: 'failed',
        error: {
          reason: 'EngineCrashed',
          retryable: true,
          message: expect.stringMatching(/^Agno was killed \(signal SIGKILL\).*Try again/),
        },
      });
      await task.send('go on');
      expect(await task.answered()).toMatchObject({ status: 'completed', text: 'done' });
    });

  const silence = (count: number) =>
    waitFor(() => stage.unanswered() >= count, { what: 'the model to be asked', timeoutMs: 90_000 });
  const bridges = async () =>
    (await insideOf(stage.product.dataDir)).filter(({ command }) => /^\S*python3\S* -I -S /.test(command));
}
