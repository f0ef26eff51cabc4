import type { Block, RunFold, Usage } from '@wegent/api';
import type { TaskMessage } from '@wegent/client';
import { expect } from 'vitest';
import { type Heard, introduction } from '../support/acting-model.ts';
import { isLeading } from './mix-stage.ts';
import { canDelegate, isNative, type Mix, type Part, playOf, WORK } from './mixes.ts';

/** Who spoke, in which order, what each said, and what the person reads. */
export function checkAnswer(mix: Mix, seen: TaskMessage): void {
  const play = playOf(mix);
  expect(seen).toMatchObject({
    status: 'completed',
    text: play.text,
    sender: { bot: { name: `${mix.name}-${play.speaker}` } },
    shellType: shellOf(mix, play.speaker),
  });
  expect(seen.error).toBeUndefined();
  const parts = play.moments.flat();
  const runs = seen.runs ?? [];
  if (mix.mode === 'solo') {
    expect(seen.executionIds).toHaveLength(1);
    expect(textOf(seen.blocks, seen.executionIds[0])).toBe(play.text);
    return;
  }
  expect(runs).toHaveLength(parts.length);
  const inOrder = play.moments.flatMap((moment, index) => {
    const before = play.moments.slice(0, index).flat().length;
    return runs
      .slice(before, before + moment.length)
      .toSorted((left, right) => nameOf(left).localeCompare(nameOf(right)));
  });
  for (const [index, part] of parts.entries()) {
    const run = inOrder[index];
    expect(run).toMatchObject({
      state: 'completed',
      attempt: 1,
      bot: { name: `${mix.name}-${part.member}` },
      shellType: shellOf(mix, part.member),
      step: { member: part.member },
    });
    expect(run && stepOf(run)).toBe(part.step);
    expect(run?.usage?.inputTokens).toBeGreaterThan(0);
    expect(textOf(seen.blocks, run?.executionId)).toBe(part.says);
  }
  expect(seen.usage?.inputTokens).toBe(runs.reduce((sum, { usage }) => sum + (usage?.inputTokens ?? 0), 0));
  expect(seen.turn).toMatchObject({
    mode: mix.mode,
    members: [
      { name: 'ann', shellType: mix.first, leader: mix.mode !== 'pipeline' },
      { name: 'ben', shellType: mix.second, leader: false },
      ...(mix.third ? [{ name: 'cleo', shellType: mix.third, leader: false }] : []),
    ],
  });
  checkDelegation(mix, seen);
}

/** A leader's work is shown where it was given away; one that cannot give any away says so. */
function checkDelegation(mix: Mix, { blocks, runs = [] }: TaskMessage): void {
  const warnings = blocks.flatMap((block) => (block.type === 'warning' ? [block.code] : []));
  expect(warnings).toEqual(mix.mode === 'coordinate' && !canDelegate(mix.first) ? ['CannotDelegate'] : []);
  const [leader] = runs;
  const given = runs.filter(({ step }) => step?.kind === 'delegate');
  expect(given.map(({ parentExecutionId }) => parentExecutionId)).toEqual(
    given.map(() => leader?.executionId),
  );
  const children = blocks.filter(({ type }) => type === 'child');
  expect(children).toHaveLength(given.length);
  for (const { executionId, bot } of given) {
    expect(children.find(({ blockId }) => blockId === executionId)).toMatchObject({
      ...{ executionId: leader?.executionId, bot, outcome: 'completed' },
      instruction: mix.mode === 'coordinate' ? WORK : expect.any(String),
    });
  }
  if (given.length === 0 || isNative(mix)) return;
  const call = blocks.find((block) => block.type === 'tool' && block.tool.endsWith('delegate'));
  expect(call).toMatchObject({ executionId: leader?.executionId, done: true, isError: false });
  expect(JSON.stringify(call)).toContain('ben says 1');
}

/** What models and applications got, in which order, and that nobody got anything else. */
export function checkHeard(mix: Mix, heard: readonly Heard[]): void {
  const { moments, returned = [] } = playOf(mix);
  const [leader] = moments.flat();
  const leads = isNative(mix) || (mix.mode === 'coordinate' && canDelegate(mix.first));
  const asked = (part: Part) => ({ part, results: /^$/ });
  // A leader hears the same once more, with what came back, when those to whom it gave work are done.
  const expected = moments.flatMap((moment, index) => {
    const results = returned[index - 1];
    return [moment.map(asked), ...(leader && results ? [[{ part: leader, results }]] : [])];
  });
  let at = 0;
  for (const moment of expected) {
    const now = heard.slice(at, at + moment.length).toSorted(byMember);
    at += moment.length;
    expect(now.map(({ member }) => member)).toEqual(moment.map(({ part }) => part.member));
    for (const [index, one] of now.entries()) {
      const { part, results } = moment[index] ?? expect.unreachable();
      if (typeof part.input === 'string') expect(one.input).toBe(part.input);
      else expect(one.input).toMatch(part.input);
      expect(one.results.join('\n')).toMatch(results);
      checkInstructions(mix, part, one);
      expect(isLeading(one)).toBe(leads && part === leader);
    }
  }
  expect(heard.slice(at)).toEqual([]);
}

function checkInstructions(mix: Mix, part: Part, heard: Heard): void {
  const { instructions } = heard;
  expect(instructions).toContain(introduction(mix.name, part.member));
  // The nature of an application is its own affair, unless it asks for instructions.
  const hasNature = shellOf(mix, part.member) !== 'Dify' || part.member === 'ann';
  expect(instructions.includes(`Nature of ${part.member}.`)).toBe(hasNature);
  if (part.told !== undefined) expect(instructions).toContain(part.told);
}

const byMember = (left: { member: string }, right: { member: string }) =>
  left.member.localeCompare(right.member);

const shellOf = ({ first, second, third }: Mix, member: string) =>
  ({ ann: first, ben: second, cleo: third })[member];

const nameOf = ({ step }: RunFold) => step?.member ?? '';

/** Key of a step; of work that was given away, whose key follows from the work, its kind. */
function stepOf({ step }: RunFold): string {
  return (step?.kind === 'delegate' ? step.kind : step?.key) ?? '';
}

function textOf(blocks: readonly Block[], executionId: string | undefined): string {
  return blocks
    .flatMap((block) => (block.type === 'text' && block.executionId === executionId ? [block.text] : []))
    .join('\n\n');
}

/** Clocks differ, runs of one moment may begin either way round, and sums of fractions depend on their order. */
export function comparable({ finishedAt: _finishedAt, usage, ...message }: TaskMessage): object {
  const runs = message.runs?.map(({ startedAt: _startedAt, finishedAt: _ended, ...run }) => run) ?? [];
  return {
    ...message,
    ...priced({ usage }),
    executionIds: message.executionIds.toSorted(),
    runs: runs.map(priced).toSorted((left, right) => left.executionId.localeCompare(right.executionId)),
  };
}

function priced<Part extends { usage?: Usage | undefined }>(part: Part) {
  return { ...part, usage: { ...part.usage, costUsd: part.usage?.costUsd?.toFixed(9) } };
}
