import {
  type Block,
  type ExecutionSpec,
  type MessageFold,
  type RunStep,
  type SpecMessage,
  textOfRun,
} from '@wegent/api';
import type { ExecutionRow } from '@wegent/store';
import type { AnswerPlan } from './answer-plan.ts';
import { namesOf, stageKey } from './collaboration.ts';
import { readRoute } from './route-choice.ts';

/** Characters of another member's answer that a member gets at most. */
const MAX_QUOTED = 100_000;
/** Changed files that are named. */
const MAX_FILES = 200;

/** What a member of a Team is told. */
export interface MemberInput {
  input: SpecMessage;
  /** Stands behind its system prompt. */
  note: string | undefined;
  /** Does it know the conversation so far? Delegated work stands for itself. */
  withHistory: boolean;
  /** Those that it leads with the tool `delegate`. */
  team?: ExecutionSpec['team'];
}

/** A run of the answer with its step. */
export type NamedRun = Pick<ExecutionRow, 'id' | 'state' | 'memberIndex'> & { step: RunStep };

/**
 * What one run of a Team's turn sees, by its step: the person's message, and of the others exactly what the mode says.
 * Pure.
 */
export function memberInput({
  plan,
  run,
  runs,
  question,
  instruction,
  fold,
}: {
  plan: AnswerPlan;
  run: NamedRun;
  /** All runs of the answer. */
  runs: readonly NamedRun[];
  question: SpecMessage;
  instruction: string | undefined;
  /** Of the events of the answer so far. */
  fold: MessageFold;
}): MemberInput {
  const { step, memberIndex } = run;
  const quote = (other: NamedRun) => quoteRun(fold, other);
  const told = (...parts: string[]): SpecMessage => ({
    ...question,
    text: [question.text, ...parts].filter((part) => part !== '').join('\n\n'),
  });
  const plain: MemberInput = { input: question, note: undefined, withHistory: true };
  switch (step.kind) {
    case 'stage': {
      const before = runs.find((other) => other.step.key === stageKey(memberIndex - 1));
      if (!before) return plain;
      return {
        ...plain,
        input: told(`${before.step.member} has worked on this before you and answered:`, quote(before)),
      };
    }
    case 'route': {
      const before = runs.find((other) => other.step.kind === 'route' && other.id !== run.id);
      const choice = before && readRoute(textOfRun(fold, before.id), namesOf(plan));
      return {
        ...plain,
        input:
          choice && 'fault' in choice
            ? told(`Your last choice could not be used: ${choice.fault}`)
            : question,
        note: routeNote(plan),
      };
    }
    case 'member': {
      const round = step.round ?? 1;
      const others = runs.filter((other) => isVoice(other, round - 1) && other.memberIndex !== memberIndex);
      const note = `You are "${step.member}", one of several members of a team who answer the same message at once. Say what you have to contribute; the leader writes the answer for the person.`;
      if (others.length === 0) return { ...plain, note };
      const ask = 'The other members have said this. Take it into account, and give your answer anew:';
      return { ...plain, note, input: told(ask, ...others.map(quote)) };
    }
    case 'answer': {
      if (plan.native) return plain;
      if (plan.mode === 'coordinate') return { ...plain, note: coordinateNote(plan), team: teamOf(plan) };
      if (plan.mode !== 'collaborate') return plain;
      const ask = 'The members of your team have said this. Write the answer for the person:';
      return { ...plain, input: told(ask, ...lastVoices(plan, runs).map(quote), ...silent(plan, runs)) };
    }
    case 'delegate':
      return {
        input: { ...question, text: instruction ?? question.text },
        note: undefined,
        withHistory: false,
      };
    case 'gate':
      return plain;
  }
}

/** Who works for the leader, one a line. */
export function membersText(plan: AnswerPlan): string {
  return plan.others
    .flatMap((index) => plan.members[index] ?? [])
    .map(
      ({ name, description }) =>
        `- ${JSON.stringify(name)}: ${description.replaceAll(/\s+/g, ' ').trim() || 'no description'}`,
    )
    .join('\n');
}

function teamOf({ others, members, limits }: AnswerPlan): NonNullable<MemberInput['team']> {
  const names = others.flatMap((index) => members[index] ?? []);
  return {
    members: names.map(({ name, description }) => ({ name, description })),
    parallel: limits.parallel,
  };
}

function routeNote(plan: AnswerPlan): string {
  return [
    'You lead a team. You do not answer the message yourself: you choose the one member who answers it best.',
    `The members:\n${membersText(plan)}`,
    `Answer with one JSON object and nothing else, naming exactly one of them: {"member": ${JSON.stringify(namesOf(plan)[0])}}`,
  ].join('\n\n');
}

function coordinateNote(plan: AnswerPlan): string {
  return [
    'You lead a team. Give work to its members with the tool "delegate" (member, instruction); several calls at once run at the same time. A member sees only the instruction that you write, so put everything into it that it needs. Their answers come back to you; then you write the answer for the person.',
    `The members:\n${membersText(plan)}`,
  ].join('\n\n');
}

/** The newest answer of each member that gave one. */
function lastVoices(plan: AnswerPlan, runs: readonly NamedRun[]): NamedRun[] {
  return plan.others.flatMap((index) => {
    const own = runs.filter(
      (run) => run.memberIndex === index && run.step.kind === 'member' && run.state === 'completed',
    );
    const newest = own.toSorted((left, right) => (left.step.round ?? 0) - (right.step.round ?? 0)).at(-1);
    return newest ? [newest] : [];
  });
}

function silent(plan: AnswerPlan, runs: readonly NamedRun[]): string[] {
  const heard = new Set(lastVoices(plan, runs).map(({ memberIndex }) => memberIndex));
  const names = plan.others
    .filter((index) => !heard.has(index))
    .map((index) => plan.members[index]?.name ?? '');
  return names.length === 0 ? [] : [`Without an answer: ${names.join(', ')}.`];
}

function isVoice({ step, state }: NamedRun, round: number): boolean {
  return step.kind === 'member' && step.round === round && state === 'completed';
}

// What others wrote is marked as theirs, so that no line of it passes for the person's.
function quoteRun(fold: MessageFold, { id, step }: NamedRun): string {
  const text = textOfRun(fold, id);
  const said = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}\n[shortened]` : text;
  const files = filesOf(fold.blocks, id);
  const name = step.member.replaceAll(/[<>"]/g, '');
  const closed = said.replaceAll('</answer', '<\\/answer');
  return `<answer from="${name}">\n${closed}${files === '' ? '' : `\n\nFiles that it changed:\n${files}`}\n</answer>`;
}

function filesOf(blocks: readonly Block[], executionId: string): string {
  const files = new Map(
    blocks
      .filter((block) => block.type === 'files' && block.executionId === executionId)
      .flatMap((block) => (block.type === 'files' ? block.files : []))
      .map((file) => [file.path, file]),
  );
  const lines = [...files.values()]
    .slice(0, MAX_FILES)
    .map(({ path, status, additions, deletions }) => `- ${path} (${status}, +${additions} −${deletions})`);
  return [...lines, ...(files.size > MAX_FILES ? [`- and ${files.size - MAX_FILES} more`] : [])].join('\n');
}
