import { fileURLToPath } from 'node:url';
import type { ExecutionEvent, ExecutionSpec, RunInput } from '@wegent/api';
import type { RunningSimulator } from '@wegent/simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Ran, run, specOf, startSimulator } from './harness.ts';

let simulator: RunningSimulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

type Approval = Extract<RunInput, { type: 'approval' }>;

const ASK: ExecutionSpec['approvals'] = [{ tool: 'calc__*', decision: 'ask' }];

/** Runs a prompt with the calculator; each approval is decided by `decide`. */
function runWith(
  text: string,
  approvals: ExecutionSpec['approvals'],
  decide: (count: number) => Partial<Approval> | undefined,
  options: { signal?: AbortSignal; onEvent?: (event: ExecutionEvent) => void } = {},
): Promise<Ran> {
  const spec = specOf({ url: simulator.url, text });
  spec.mcpServers = {
    calc: {
      command: process.execPath,
      args: [fileURLToPath(new URL('servers/stdio-server.ts', import.meta.url))],
    },
  };
  spec.approvals = approvals;
  let say: (input: RunInput) => void = () => undefined;
  let count = 0;
  return run(spec, {
    ...options,
    onListener: (listener) => {
      say = listener;
    },
    onEvent: (event) => {
      options.onEvent?.(event);
      if (event.type !== 'approval-request') return;
      const decided = decide(count++);
      const { approvalId } = event;
      if (decided)
        say({ type: 'approval', id: approvalId, by: 'ada', approvalId, decision: 'allow', ...decided });
    },
  });
}

function outputs(ran: Ran) {
  return ran.fold.blocks
    .filter((block) => block.type === 'tool')
    .map(({ output, isError }) => ({ output, isError }));
}

it('makes an approved call, and shows who approved it', async () => {
  const ran = await runWith('[[tool calc__add_numbers {"a":1,"b":2}]]', ASK, () => ({}));
  expect(outputs(ran)).toEqual([{ output: '3', isError: false }]);
  expect(ran.fold.blocks.find((block) => block.type === 'approval')).toMatchObject({
    tool: 'calc__add_numbers',
    title: 'calc: Add numbers',
    input: { a: 1, b: 2 },
    decision: 'allow',
    by: 'ada',
  });
});

it('tells the model why a call was refused, or that nobody answered, or that a rule forbids it', async () => {
  const call = '[[tool calc__add_numbers {"a":1,"b":2}]]';
  const refused = await runWith(call, ASK, () => ({ decision: 'deny', reason: 'not today' }));
  expect(outputs(refused)).toEqual([{ output: expect.stringContaining('not today'), isError: true }]);
  expect(refused.text).toContain('not today');
  const expired = await runWith(call, ASK, () => ({ decision: 'expired' }));
  expect(outputs(expired)).toEqual([{ output: expect.stringContaining('in time'), isError: true }]);
  const forbidden = await runWith(call, [{ tool: '*', decision: 'deny' }], () => ({}));
  expect(outputs(forbidden)).toEqual([{ output: expect.stringContaining('forbids'), isError: true }]);
  expect(forbidden.events.some((event) => event.type === 'approval-request')).toBe(false);
});

it('calls with the input that the person wrote, and remembers for the rest of the turn', async () => {
  const edited = await runWith('[[tool calc__add_numbers {"a":1,"b":2}]]', ASK, () => ({
    updatedInput: { a: 10, b: 20 },
  }));
  expect(outputs(edited)).toEqual([{ output: '30', isError: false }]);
  const remembered = await runWith(
    '[[tool calc__add_numbers {"a":1,"b":2}]] [[tool calc__add_numbers {"a":3,"b":4}]]',
    ASK,
    (count) => (count === 0 ? { remember: { tool: 'calc__add_numbers', decision: 'allow' } } : undefined),
  );
  expect(outputs(remembered)).toEqual([
    { output: '3', isError: false },
    { output: '7', isError: false },
  ]);
});

it('stops while it waits', async () => {
  const stop = new AbortController();
  const running = runWith('[[tool calc__add_numbers {"a":1,"b":2}]]', ASK, () => undefined, {
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type === 'approval-request') stop.abort(new Error('stopped'));
    },
  });
  await expect(running).rejects.toThrow('stopped');
});

it('decides calls that were made at once each by itself', async () => {
  const ran = await runWith(
    '[[tools-parallel calc__add_numbers {"a":1,"b":1} calc__add_numbers {"a":2,"b":2}]]',
    ASK,
    (count) => (count === 0 ? { decision: 'deny' } : {}),
  );
  expect(outputs(ran).map(({ isError }) => isError)).toEqual([true, false]);
  expect(outputs(ran)[1]?.output).toBe('4');
});
