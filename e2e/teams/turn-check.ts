import { DatabaseSync } from 'node:sqlite';
import { addUsage, type Message, NO_USAGE, type SequencedEvent, type Usage } from '@wegent/api';
import { waitFor } from '@wegent/testing';
import { expect } from 'vitest';
import { type CodingTask, object, openTask } from '../support/coding.ts';
import type { HeldModel } from '../support/held-model.ts';
import type { Person } from '../support/person.ts';
import { foldByMessage, numberFaults, readStored } from '../support/stored-truth.ts';
import { memberPrompt, SCRIPT_INPUT_TOKENS } from '../support/team-script.ts';
import type { InterruptedTurn } from './interrupted-turns.ts';

/** A turn that is under way. */
export interface Turn {
  plan: InterruptedTurn;
  task: CodingTask;
  /** Number of the first call of its Team that belongs to this turn. */
  firstCall: number;
}

/** Makes the Teams of the turns in the namespace `default`; `modelUrl` is the address of the held model. */
export async function makeTeams(
  { api }: Person,
  { turns, modelUrl }: { turns: readonly InterruptedTurn[]; modelUrl: string },
): Promise<void> {
  const env = (model: string, base_url: string) => ({
    modelConfig: { env: { model, model_id: 'demo', base_url, api_key: 'any' } },
  });
  const models = {
    Chat: object('Model', 'held', env('openai', `${modelUrl}/v1`)),
    ClaudeCode: object('Model', 'held-claude', env('claude', modelUrl)),
  };
  // So many attempts, that a turn survives many a kill.
  const shell = object('Shell', 'stubborn', { shellType: 'Chat', retry: { maxAttempts: 10 } });
  const body = turns.flatMap(({ name, mode, members }) => [
    ...members.flatMap((member) => [
      object('Ghost', `${name}-${member.name}`, { systemPrompt: memberPrompt(name, member.name) }),
      object('Bot', `${name}-${member.name}`, {
        ghostRef: { name: `${name}-${member.name}` },
        shellRef: { name: member.shell ?? 'stubborn' },
        modelRef: { name: models[member.shell === 'ClaudeCode' ? 'ClaudeCode' : 'Chat'].metadata.name },
      }),
    ]),
    object('Team', name, {
      collaborationModel: mode,
      members: members.map((member) => ({
        name: member.name,
        description: `Does what ${member.name} does.`,
        botRef: { name: `${name}-${member.name}` },
        ...(member.leader && mode !== 'pipeline' ? { role: 'leader' } : {}),
        ...(member.confirm ? { requireConfirmation: true } : {}),
      })),
    }),
  ]);
  await api.http.request('POST', '/api/v1/namespaces/default/apply', {
    body: [...Object.values(models), shell, ...body],
  });
}

/** Begins a turn, and lets the answer that it is about wait. */
export async function begin(person: Person, model: HeldModel, plan: InterruptedTurn): Promise<Turn> {
  const firstCall = model.calls(plan.name).length;
  if (plan.open) model.hold(plan.name, plan.open.member, plan.open.after);
  const { taskId, executionIds } = await person.api.tasks.create({
    clientMessageId: crypto.randomUUID(),
    team: { name: plan.name, namespace: 'default' },
    message: plan.message,
  });
  return { plan, task: openTask(person, taskId, executionIds[0] ?? ''), firstCall };
}

/** Waits until the turn is at its moment. */
export async function atItsMoment({ plan, task, firstCall }: Turn, model: HeldModel): Promise<Message> {
  const { name, open, done } = plan;
  if (open)
    await waitFor(
      () =>
        model
          .calls(name)
          .slice(firstCall)
          .some(({ held }) => held),
      {
        what: `the open answer of ${name}`,
        timeoutMs: 60_000,
      },
    );
  return task.until(
    (answer) =>
      done.every((step) => stepsOf(answer).get(step) === 'completed') &&
      (open !== undefined || answer.status === 'waiting'),
    `the moment of ${name}`,
    60_000,
  );
}

/** The steps of an answer with their states. */
export function stepsOf({ runs = [] }: Message): Map<string, string> {
  return new Map(
    runs.map(({ step, state }) => [
      step?.kind === 'delegate' ? `delegate ${step.member}` : (step?.key ?? ''),
      state,
    ]),
  );
}

/**
 * What has to hold of a turn that has ended: it says what it would have said otherwise, each of its runs has ended once
 * and for all, and what they used is counted once.
 */
export async function expectWholeTurn(person: Person, { plan, task }: Turn): Promise<SequencedEvent[]> {
  const { name } = plan;
  const { answer, events } = await expectConsistent(person, { plan, task });
  expect(answer.status, `${name}: ${JSON.stringify(answer.error ?? answer.runs)}`).toBe('completed');
  if (typeof plan.text === 'string') expect(answer.text, name).toBe(plan.text);
  else expect(answer.text, name).toMatch(plan.text);
  const children = answer.blocks.flatMap((block) => (block.type === 'child' ? [block] : []));
  expect(
    children.map(({ outcome }) => outcome),
    `${name}: work that was given away`,
  ).toEqual(plan.steps.filter((step) => step.startsWith('delegate')).map(() => 'completed'));
  if (plan.mode !== 'solo')
    expect(Object.fromEntries(stepsOf(answer)), `${name}: steps`).toEqual(
      Object.fromEntries(plan.steps.map((step) => [step, 'completed'])),
    );
  return events;
}

/** What has to hold of every answer that is over, however it ended. */
export async function expectConsistent(
  person: Person,
  { plan: { name }, task }: Pick<Turn, 'plan' | 'task'>,
): Promise<{ answer: Message; events: SequencedEvent[] }> {
  const { events, messages } = await readStored(person, task.taskId);
  const answer = messages.at(-1);
  if (!answer) throw new Error(`${name} has no answer`);
  expect(numberFaults(events), `${name}: numbers of the events`).toEqual([]);
  expect(answer.blocks, `${name}: the answer is the fold of its events`).toEqual(
    foldByMessage(events).get(answer.id)?.blocks,
  );
  expectEndedOnce(name, events);
  const sum = usesOf(events).reduce(addUsage, NO_USAGE);
  expect(answer.usage, `${name}: usage of the answer`).toEqual(sum);
  expect((await person.api.tasks.get(task.taskId)).status?.usage, `${name}: usage of the task`).toEqual(sum);
  return { answer, events };
}

/**
 * No step that was over was asked again: the model gave each member the answers that its steps need and no other, and
 * each of them is counted. `isResumed`: the runs that were under way lost their manager.
 */
export function expectAskedOnce(
  model: HeldModel,
  { plan, firstCall }: Turn,
  { events, isResumed }: { events: readonly SequencedEvent[]; isResumed: boolean },
): void {
  const { name, answers, again = {}, members } = plan;
  const attempts = events.flatMap(({ event }) => (event.type === 'run-start' ? [event.attempt] : []));
  if (!isResumed) expect(new Set(attempts), `${name}: attempts`).toEqual(new Set([1]));
  const calls = model
    .calls(name)
    .slice(firstCall)
    .filter(({ state }) => state === 'completed');
  const given = Object.keys(answers).map((member) => [
    member,
    calls.filter((call) => call.member === member).length,
  ]);
  const wanted = Object.entries(answers).map(([member, count]) => [
    member,
    count + (isResumed ? (again[member] ?? 0) : 0),
  ]);
  expect(Object.fromEntries(given), `${name}: answers of the model`).toEqual(Object.fromEntries(wanted));
  const uses = usesOf(events);
  expect(uses, `${name}: each answer is counted`).toHaveLength(calls.length);
  if (members.every(({ shell }) => shell === undefined))
    expect(uses.reduce(addUsage, NO_USAGE).inputTokens, `${name}: tokens`).toBe(
      calls.length * SCRIPT_INPUT_TOKENS,
    );
}

/** Looks into the database of a server: what the runs of these tasks used is booked once for each. */
export function expectBookedOnce(file: string, turns: readonly Turn[]): void {
  using database = new DatabaseSync(file, { readOnly: true });
  for (const { plan, task } of turns) {
    const read = (sql: string) => database.prepare(sql).all(task.taskId);
    const runs = read(
      `select id from executions where task_id = ? and state <> 'skipped' and options not like '%"kind":"gate"%' order by id`,
    );
    const booked = read(
      'select execution_id as id from usage_records where task_id = ? order by execution_id',
    );
    expect(booked, `${plan.name}: booked runs`).toEqual(runs);
    const [total] = read(
      'select sum(input_tokens) as input, sum(output_tokens) as output from usage_records where task_id = ?',
    );
    const [stored] = read(
      `select sum(json_extract(usage, '$.inputTokens')) as input, sum(json_extract(usage, '$.outputTokens')) as output from messages where task_id = ? and role = 'assistant'`,
    );
    expect(total, `${plan.name}: booked tokens`).toEqual(stored);
  }
}

function expectEndedOnce(name: string, events: readonly SequencedEvent[]): void {
  const ended = new Set<string>();
  for (const { executionId, event } of events) {
    expect(
      ended.has(executionId),
      `${name}: run ${executionId} goes on after its end with ${event.type}`,
    ).toBe(false);
    if (event.type === 'finish') ended.add(executionId);
  }
  expect(ended, `${name}: runs that ended`).toEqual(new Set(events.map(({ executionId }) => executionId)));
}

function usesOf(events: readonly SequencedEvent[]): Usage[] {
  return events.flatMap(({ event }) => {
    if (event.type !== 'usage') return [];
    const { type: _type, ...usage } = event;
    return [usage];
  });
}
