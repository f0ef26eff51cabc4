import type { ExecutionSpec, SpecMember } from '@wegent/api';
import { describeWith, waitFor } from '@wegent/testing';
import { describe, expect, it } from 'vitest';
import { bridgePids, createAgnoSandbox, historyAfter, STDIO, toolsOf } from './agno-harness.ts';
import { specOf } from './harness.ts';
import { type Question, type Said, startScriptedModel } from './servers/scripted-model.ts';

type Team = NonNullable<ExecutionSpec['nativeTeam']>;
type Sandbox = Awaited<ReturnType<typeof createAgnoSandbox>>;

/** Whose question it is. */
const nameOf = ({ system }: Question) => /^I am (\w+)\./.exec(system)?.[1] ?? '';
const give = (id: string, task: string) => ({
  name: 'delegate_task_to_member',
  input: { member_id: id, task },
});
const ask = (...tasks: string[]): Said => ({
  calls: tasks.map((task) => ({ name: 'delegate_task_to_members', input: { task } })),
});

function member(name: string, change: Partial<SpecMember> = {}): SpecMember {
  const { model } = specOf({ url: '', text: '' });
  if (!model) throw new Error('the harness has a model');
  return {
    ...{ name, description: `Knows what ${name} knows.`, systemPrompt: `I am ${name}.` },
    bot: { name: `bot-${name}`, namespace: 'default' },
    model: { ...model, name: `model-of-${name}`, modelId: `${name}-1` },
    ...{ mcpServers: {}, approvals: [] },
    ...change,
  };
}

/** Leader ann with ben and cleo. */
function teamSpec(sandbox: Sandbox, mode: Team['mode'], text: string, change: Partial<Team> = {}) {
  return sandbox.spec(text, (spec) => {
    spec.systemPrompt = 'I am ann.';
    spec.nativeTeam = {
      ...{ mode, rounds: 2, members: [member('ben'), member('cleo')] },
      limits: { parallel: 4, delegations: 8 },
      ...change,
    };
  });
}

/** Runs a turn of a Team whose models say what `say` says. */
async function turn(
  mode: Team['mode'],
  say: (name: string, question: Question) => Said | Promise<Said>,
  change: Partial<Team> = {},
) {
  await using model = await startScriptedModel((question) => say(nameOf(question), question));
  await using sandbox = await createAgnoSandbox({ modelUrl: model.url });
  const spec = teamSpec(sandbox, mode, 'How do I cross?', change);
  const ran = await sandbox.run(spec);
  const asked = model.asked.map((question) => ({ ...question, name: nameOf(question) }));
  return { ran, spec, asked, requests: sandbox.requests, children: childrenOf(ran) };
}

function childrenOf({ fold }: Awaited<ReturnType<Sandbox['run']>>) {
  return fold.blocks
    .filter((block) => block.type === 'child')
    .map(({ blockId, member: name, instruction, outcome, bot, model, usage, error }) => ({
      ...{ name, instruction, outcome, bot: bot.name, model, tokens: usage?.inputTokens, error },
      text: fold.blocks
        .flatMap((block) => (block.executionId === blockId && block.type === 'text' ? [block.text] : []))
        .join(''),
    }));
}

describeWith(['agno'], 'a Team of Agno', () => {
  it('coordinates: members work at once, each on its Model, and are told apart', async () => {
    const both = Promise.withResolvers<void>();
    let working = 0;
    const { ran, asked, children, requests } = await turn('coordinate', async (name, { results }) => {
      if (name === 'ann')
        return results.length > 0
          ? ['So: ', ...results]
          : { calls: [give('ben', 'Look for a bridge.'), give('cleo', 'Look for a boat.')] };
      working += 1;
      if (working === 2) both.resolve();
      await both.promise;
      return [name, ' found', ' it'];
    });
    expect(ran.failure).toBeUndefined();
    expect(ran.text).toBe('So: ben found itcleo found it');
    expect(asked[0]?.system).toContain('- "ben": Knows what ben knows.\n- "cleo": Knows what cleo knows.');
    expect(asked[0]?.tools).toEqual(['delegate_task_to_member']);
    expect(
      asked
        .slice(1, 3)
        .map(({ name, prompt, system }) => [name, prompt, system])
        .toSorted(),
    ).toEqual([
      ['ben', 'Look for a bridge.', 'I am ben.'],
      ['cleo', 'Look for a boat.', 'I am cleo.'],
    ]);
    expect(children.toSorted((left, right) => (left.bot < right.bot ? -1 : 1))).toEqual([
      {
        ...{ name: 'ben', bot: 'bot-ben', model: 'model-of-ben', outcome: 'completed', tokens: 10 },
        ...{ instruction: 'Look for a bridge.', text: 'ben found it', error: undefined },
      },
      {
        ...{ name: 'cleo', bot: 'bot-cleo', model: 'model-of-cleo', outcome: 'completed', tokens: 10 },
        ...{ instruction: 'Look for a boat.', text: 'cleo found it', error: undefined },
      },
    ]);
    expect(ran.fold.usage).toMatchObject({ inputTokens: 40 });
    expect(requests.map(({ path, body }) => `${path} ${JSON.parse(body).model}`).toSorted()).toEqual([
      '/members/0/model/v1/chat/completions ben-1',
      '/members/1/model/v1/chat/completions cleo-1',
      '/model/v1/chat/completions simulator',
      '/model/v1/chat/completions simulator',
    ]);
    expect(toolsOf(ran.fold)).toEqual([]);
    // Members are streamed as they speak.
    const deltas = ran.events.filter((event) => event.type === 'text-delta').map(({ text }) => text);
    expect(deltas).toEqual(expect.arrayContaining(['ben', 'cleo', ' found', ' it']));
  });

  it('routes: the one that the leader chooses answers the person, word by word', async () => {
    const { ran, asked, children } = await turn('route', (name) =>
      name === 'ann' ? { calls: [give('cleo', 'whatever')] } : ['Take ', 'a ', 'boat.'],
    );
    expect(ran.failure).toBeUndefined();
    expect(asked.map(({ name, prompt }) => [name, prompt])).toEqual([
      ['ann', 'How do I cross?'],
      ['cleo', 'How do I cross?'],
    ]);
    expect(ran.text).toBe('Take a boat.');
    expect(ran.events.filter((event) => event.type === 'text-delta').length).toBeGreaterThan(3);
    expect(children).toMatchObject([
      { name: 'cleo', outcome: 'completed', text: 'Take a boat.', instruction: 'How do I cross?' },
    ]);
  });

  it('collaborates: all hear the message, then each other; no more rounds than the Team has', async () => {
    let round = 0;
    const { ran, asked, children } = await turn('collaborate', (name) => {
      if (name !== 'ann') return [`${name} `, 'says ', 'so'];
      round += 1;
      return round <= 3 ? ask(`round ${round}`) : ['Both.'];
    });
    expect(ran.failure).toBeUndefined();
    expect(ran.text).toBe('Both.');
    expect(asked.map(({ name }) => name).toSorted()).toEqual([
      ...['ann', 'ann', 'ann', 'ann', 'ben', 'ben', 'cleo', 'cleo'],
    ]);
    const voices = asked.filter(({ name }) => name === 'ben');
    expect(voices[0]?.prompt).toBe('How do I cross?');
    expect(voices[1]?.prompt).toMatch(/cleo says so/);
    expect(voices[0]?.system).toContain('You are "ben", one of several members');
    // Answers that came at the same time reach the leader as wholes.
    const heard = asked.filter(({ name }) => name === 'ann')[1]?.results[0] ?? '';
    expect(heard).toContain('<answer from="ben">\nben says so\n</answer>');
    expect(heard).toContain('<answer from="cleo">\ncleo says so\n</answer>');
    expect(asked.at(-1)?.results).toEqual([expect.stringContaining('which is the limit')]);
    expect(children).toHaveLength(4);
    expect(toolsOf(ran.fold)).toMatchObject([{ tool: 'delegate_task_to_members', isError: true }]);
  });

  it('keeps to its limits: members at once, in all, money, and no work twice', async () => {
    let working = 0;
    let most = 0;
    let step = 0;
    const steps = [
      [give('ben', 'a'), give('cleo', 'b'), give('ben', 'c')],
      [give('ben', 'a')],
      [give('dora', 'x')],
      [give('cleo', ' ')],
      [give('cleo', 'd')],
    ];
    const { asked, ran } = await turn(
      'coordinate',
      async (name) => {
        if (name === 'ann') {
          const calls = steps[step++];
          return calls ? { calls } : ['Done.'];
        }
        working += 1;
        most = Math.max(most, working);
        await new Promise((resolve) => setTimeout(resolve, 20));
        working -= 1;
        return ['ok'];
      },
      { limits: { parallel: 1, delegations: 3 } },
    );
    expect(ran.text).toBe('Done.');
    expect(most).toBe(1);
    const heard = asked.filter(({ name }) => name === 'ann').flatMap(({ results }) => results);
    expect(heard).toEqual([
      ...['ok', 'ok', 'ok'],
      ...Array(4).fill(expect.stringContaining('You have given work away 3 times')),
    ]);

    step = 1;
    const poor = await turn(
      'coordinate',
      (name) => {
        const calls = name === 'ann' ? steps[step++] : undefined;
        return calls ? { calls } : ['ok'];
      },
      { limits: { parallel: 4, delegations: 8, costUsd: 0.000_03 } },
    );
    expect(poor.asked.at(-1)?.results).toEqual([expect.stringContaining('may spend $0.00003')]);
    const told = await turn('coordinate', (name, { results }) =>
      name !== 'ann' || results.length > 0
        ? ['ok']
        : { calls: [give('ben', 'a'), give('ben', 'a'), give('dora', 'x'), give('cleo', ' ')] },
    );
    expect(told.asked.at(-1)?.results).toEqual([
      'ok',
      expect.stringContaining('exactly this work before'),
      expect.stringContaining('There is no member "dora". The members are: ben, cleo.'),
      expect.stringContaining('The task is empty'),
    ]);
  });

  it('goes on without a member whose model fails; fails with the leader’s', async () => {
    const { ran, children } = await turn('coordinate', (name, { results }) => {
      if (name === 'ann')
        return results.length > 0 ? results : { calls: [give('ben', 'a'), give('cleo', 'b')] };
      return name === 'ben' ? { status: 401 } : ['cleo did it'];
    });
    expect(ran.failure).toBeUndefined();
    expect(ran.text).toMatch(/^ben could not do it: .*cleo did it$/s);
    expect(children.find(({ name }) => name === 'ben')).toMatchObject({
      outcome: 'failed',
      error: { reason: 'ModelAuth', message: expect.stringContaining('model-of-ben') },
    });
    const failed = await turn('coordinate', () => ({ status: 401 }));
    expect(failed.ran.failure).toMatchObject({ reason: 'ModelAuth' });
  });

  it('gives each member its own tools, and asks a person by the rules of its own Ghost', async () => {
    const text = (name: string): Said => ({
      calls: [{ name: 'calc__add_numbers', input: { a: name === 'ben' ? 1 : 2, b: 2 } }],
    });
    await using model = await startScriptedModel((question) => {
      const name = nameOf(question);
      if (name === 'ann')
        return question.results.length > 0
          ? question.results
          : { calls: [give('ben', 'add'), give('cleo', 'add')] };
      return question.results.length > 0 ? [`${name}: ${question.results.join()}. `] : text(name);
    });
    await using sandbox = await createAgnoSandbox({ modelUrl: model.url });
    const calc = { mcpServers: { calc: STDIO } };
    const members = [
      member('ben', { ...calc, approvals: [{ tool: 'calc__add_numbers', decision: 'ask' }] }),
      member('cleo', { ...calc, tools: { allow: ['add_numbers'] } }),
    ];
    const spec = teamSpec(sandbox, 'coordinate', 'Add.', { members });
    let asked = 0;
    const ran = await sandbox.run(spec, {
      onEvent: (event, say) => {
        if (event.type !== 'approval-request') return;
        asked += 1;
        const { approvalId } = event;
        say({
          ...{ type: 'approval', id: 'i1', by: 'ada', approvalId },
          ...{ decision: 'allow', updatedInput: { a: 40, b: 2 } },
        });
      },
    });
    expect(ran.failure).toBeUndefined();
    expect(ran.text).toBe('ben: 42. cleo: 4. ');
    expect(asked).toBe(1);
    const ben = ran.fold.blocks.find((block) => block.type === 'child' && block.member === 'ben');
    const approval = ran.fold.blocks.find(({ type }) => type === 'approval');
    expect(approval).toMatchObject({ executionId: ben?.blockId, decision: 'allow', by: 'ada' });
    expect(
      toolsOf(ran.fold)
        .map(({ output }) => output)
        .toSorted(),
    ).toEqual(['4', '42']);
    const offered = model.asked.map((question) => [nameOf(question), question.tools.length]);
    expect(new Map(offered.toSorted().map(([name, count]) => [name, count]))).toEqual(
      new Map([
        ['ann', 1],
        ['ben', 4],
        ['cleo', 1],
      ]),
    );
  });

  it('remembers, after another turn was stopped and the engine began anew', async () => {
    await using model = await startScriptedModel((question) => {
      const name = nameOf(question);
      if (question.prompt.includes('never') && name !== 'ann') return new Promise<Said>(() => undefined);
      if (name !== 'ann') return [`${name} knows alpha`];
      return question.results.length > 0 || question.prompt.includes('what')
        ? ['bravo']
        : { calls: [give('ben', question.prompt)] };
    });
    await using sandbox = await createAgnoSandbox({ modelUrl: model.url });
    const first = teamSpec(sandbox, 'coordinate', 'first');
    const ran = await sandbox.run(first);
    expect(ran.text).toBe('bravo');
    const before = await bridgePids(sandbox.home);

    const stop = new AbortController();
    const stopped = teamSpec(sandbox, 'coordinate', 'never');
    stopped.history = historyAfter(first, ran);
    const events: unknown[] = [];
    const running = sandbox.run(stopped, {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type === 'child-end') events.push(event.outcome);
        if (event.type === 'child-start')
          void waitFor(() => model.asked.some(({ prompt }) => prompt === 'never'), {
            what: 'ben to be asked',
          }).then(() => stop.abort(new Error('stopped by the person')));
      },
    });
    await expect(running).rejects.toThrow('stopped by the person');
    expect(events).toEqual(['cancelled']);
    expect(await bridgePids(sandbox.home)).toEqual(before);

    await sandbox.restart();
    const next = teamSpec(sandbox, 'coordinate', 'what was it?');
    next.history = [...historyAfter(first, ran), { ...stopped.input }];
    const again = await sandbox.run(next);
    expect(again.failure).toBeUndefined();
    const body = model.asked.at(-1)?.body ?? '';
    for (const words of ['first', 'ben knows alpha', 'bravo', 'never', 'what was it?'])
      expect(body).toContain(words);

    // The same place, said anew: what followed is not known there.
    const edited = teamSpec(sandbox, 'coordinate', 'what else?');
    edited.history = historyAfter(first, ran);
    await sandbox.run(edited);
    const other = model.asked.at(-1)?.body ?? '';
    expect(other).toContain('ben knows alpha');
    expect(other).not.toContain('what was it?');
  });

  describe.each(['anthropic', 'openai-responses'] as const)('over %s', (protocol) => {
    it('works too', async () => {
      await using sandbox = await createAgnoSandbox({ protocol });
      const call = 'delegate_task_to_member {"member_id":"ben","task":"echo bridge"}';
      const spec = teamSpec(sandbox, 'coordinate', `[[tool ${call}]] [[say done]]`);
      for (const each of spec.nativeTeam?.members ?? []) each.model.modelId = 'simulator';
      const ran = await sandbox.run(spec);
      expect(ran.failure).toBeUndefined();
      expect(childrenOf(ran)).toMatchObject([{ name: 'ben', outcome: 'completed', text: 'bridge' }]);
      expect(ran.text).toBe('done');
    });
  });
});
