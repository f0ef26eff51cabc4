import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChatCancelAck, Message } from '@wegent/api';
import { describeWith } from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HeldModel, startHeldModel } from '../support/held-model.ts';
import { type Installation, startInstallation } from '../support/installation.ts';
import { signIn, withApiKey } from '../support/person.ts';
import { createRandom } from '../support/random.ts';
import { startStandalone } from '../support/standalone.ts';
import { INTERRUPTED_TURNS } from './interrupted-turns.ts';
import {
  atItsMoment,
  begin,
  expectAskedOnce,
  expectBookedOnce,
  expectConsistent,
  expectWholeTurn,
  makeTeams,
  stepsOf,
  type Turn,
} from './turn-check.ts';

/** A lost lease is found, and its run is taken up, within this time. */
const TAKE_OVER_MS = 90_000;
const KILLS = 6;

describeWith(['claude-code', 'bubblewrap', 'redis-server'], 'a Team whose processes die', () => {
  let model: HeldModel;
  let all: Installation;
  const turns: Turn[] = [];

  beforeAll(async () => {
    model = await startHeldModel();
    all = await startInstallation({ managers: 1, drainSeconds: 1, allow: [`127.0.0.1:${model.port}`] });
    await makeTeams(all.admin, { turns: INTERRUPTED_TURNS, modelUrl: model.url });
  });
  afterAll(async () => {
    await all?.[Symbol.asyncDispose]();
    await model?.[Symbol.asyncDispose]();
  });

  /** Begins turns and waits until each is at its moment. */
  async function beginAll(names?: readonly string[]): Promise<Turn[]> {
    const wanted = INTERRUPTED_TURNS.filter(({ name }) => names?.includes(name) ?? true);
    const begun = await Promise.all(wanted.map((plan) => begin(all.admin, model, plan)));
    turns.push(...begun);
    await Promise.all(begun.map((turn) => atItsMoment(turn, model)));
    return begun;
  }

  /** A person says that the pipelines that wait may go on. */
  async function openGates(): Promise<void> {
    const waiting = await all.admin.api.approvals.waiting();
    expect(waiting).toHaveLength(INTERRUPTED_TURNS.filter(({ open }) => open === undefined).length);
    for (const { id, executionId } of waiting)
      await all.admin.api.approvals.decide(id, { decision: 'allow' }, { executionId });
  }

  async function expectAllWhole(begun: readonly Turn[], isResumed: boolean): Promise<void> {
    await Promise.all(begun.map(({ task }) => task.answered(TAKE_OVER_MS)));
    for (const turn of begun)
      expectAskedOnce(model, turn, { events: await expectWholeTurn(all.admin, turn), isResumed });
  }

  test('the manager is killed in the middle of each mode: each turn ends as if nothing had happened', async () => {
    const begun = await beginAll();
    const [manager] = all.managers;
    await manager?.kill();
    await openGates();
    await manager?.restart();
    await expectAllWhole(begun, true);
    const coding = begun.find(({ plan }) => plan.name === 'pipeline-sandbox');
    expect(await coding?.task.text('/files/made.txt')).toBe('once\n');
  });

  test('the server is killed in the middle of each mode: each turn goes on, and no run begins anew', async () => {
    const begun = await beginAll();
    const [server] = all.servers;
    await server?.kill();
    // Half of what is open ends while nobody can be told.
    for (const { plan } of begun.filter((_turn, index) => index % 2 === 0)) model.release(plan.name);
    await server?.restart();
    await openGates();
    for (const { plan } of begun) model.release(plan.name);
    await expectAllWhole(begun, false);
  });

  test('one member is stopped: the others go on without it', async () => {
    const begun = await beginAll(['pipeline-second', 'rounds-member', 'lead-member', 'coder-member']);
    for (const { plan, task } of begun) {
      const answer = (await task.messages()).at(-1);
      const run = answer?.runs?.find(({ step, state }) => step?.member === 'ben' && state === 'running');
      const stopped = await task.post<ChatCancelAck>('/cancel', { executionId: run?.executionId });
      expect(stopped, plan.name).toEqual({ outcome: 'cancelled' });
    }
    await Promise.all(begun.map(({ task }) => task.answered()));
    const ended = new Map<string, Message>();
    for (const turn of begun) ended.set(turn.plan.name, (await expectConsistent(all.admin, turn)).answer);
    const said = [...ended].map(([name, { status, text }]) => [name, status, text]);
    expect(said).toEqual([
      ['pipeline-second', 'cancelled', expect.any(String)],
      ['rounds-member', 'completed', 'ann was here'],
      [
        'lead-member',
        'completed',
        expect.stringMatching(/^ann was here and .*stopped ben.* and cleo was here$/s),
      ],
      ['coder-member', 'completed', expect.stringMatching(/stopped ben.*cleo was here/s)],
    ]);
    const states = [...ended.values()].map((answer) => Object.fromEntries(stepsOf(answer)));
    expect(states).toEqual([
      { 'stage-1': 'completed', 'stage-2': 'cancelled', 'stage-3': 'skipped' },
      { 'round-1-2': 'cancelled', 'round-1-3': 'completed', answer: 'completed' },
      { answer: 'completed', 'delegate ben': 'cancelled', 'delegate cleo': 'completed' },
      { answer: 'completed', 'delegate ben': 'cancelled', 'delegate cleo': 'completed' },
    ]);
  });

  test('the whole turn is stopped in the middle of each mode: nobody goes on, and the next message works', async () => {
    const begun = await beginAll();
    await Promise.all(
      begun.map(async ({ plan, task }) =>
        expect(await all.admin.api.tasks.cancel(task.taskId), plan.name).toEqual({ outcome: 'cancelled' }),
      ),
    );
    const asked = begun.map(({ plan }) => model.calls(plan.name).length);
    for (const turn of begun) {
      const { answer } = await expectConsistent(all.admin, turn);
      expect(answer.status, turn.plan.name).toBe('cancelled');
      const open = [...stepsOf(answer)].filter(([, state]) => !/^(completed|cancelled|skipped)$/.test(state));
      expect(open, `${turn.plan.name}: steps that are not over`).toEqual([]);
    }
    expect(begun.map(({ plan }) => model.calls(plan.name).length)).toEqual(asked);
    const coder = begun.find(({ plan }) => plan.name === 'coder-answer');
    await coder?.task.send('[[say Fine.]]');
    expect(await coder?.task.answered()).toMatchObject({ status: 'completed', text: 'Fine.' });
  });

  test('what runs used is booked once', async () => {
    await Promise.all(all.servers.map((server) => server.stop()));
    expect(turns.length).toBeGreaterThan(3 * INTERRUPTED_TURNS.length);
    expectBookedOnce(path.join(all.servers[0]?.dataDir ?? '', '../wegent.db'), turns);
  });
});

describe('a Team in one process', () => {
  test('that is killed again and again: each turn ends as if nothing had happened', async () => {
    const random = createRandom();
    console.info(`teams: WEGENT_TEST_SEED=${random.seed}`);
    // Each answer takes a moment, so that kills fall into all of them.
    await using model = await startHeldModel({ wordMs: 60 });
    await using product = await startStandalone({ env: { OUTBOUND_ALLOW: `127.0.0.1:${model.port}` } });
    const admin = await withApiKey(product.url, await signIn(product.url));
    const plans = INTERRUPTED_TURNS.filter(
      ({ members, open }) => open !== undefined && members.every(({ shell }) => shell === undefined),
    ).map((plan) => ({ ...plan, open: undefined, done: [] }));
    await makeTeams(admin, { turns: plans, modelUrl: model.url });
    const begun = await Promise.all(plans.map((plan) => begin(admin, model, plan)));
    for (let kill = 0; kill < KILLS; kill += 1) {
      await delay(random.below(600));
      await product.kill();
      await product.restart();
    }
    await Promise.all(begun.map(({ task }) => task.answered(60_000)));
    let again = 0;
    for (const turn of begun) {
      const events = await expectWholeTurn(admin, turn);
      again += events.filter(({ event }) => event.type === 'run-start' && event.attempt > 1).length;
    }
    expect(again, 'runs that a kill interrupted').toBeGreaterThan(KILLS);
    expect(await product.stop()).toBe(0);
    expectBookedOnce(path.join(product.dataDir, 'wegent.db'), begun);
  });
});
