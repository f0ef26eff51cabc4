import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeWith, waitFor } from '@wegent/testing';
import { expect, it } from 'vitest';
import { agentPids, createSandbox, historyAfter, type Sandbox } from './claude-harness.ts';

/** Sessions that the agent has on the disk. */
async function sessionsOf({ home }: Sandbox): Promise<string[]> {
  const projects = join(home, '.claude/projects');
  const [project] = await readdir(projects);
  return (await readdir(join(projects, project ?? ''))).filter((name) => name.endsWith('.jsonl'));
}

/** Kills the agent as the kernel would, once its transcript has that word. */
async function kill(sandbox: Sandbox, word = 'tool_use'): Promise<void> {
  await waitFor(
    async () => {
      if (word === '') return true;
      const projects = join(sandbox.home, '.claude/projects');
      const [project = ''] = await readdir(projects);
      const [session = ''] = (await readdir(join(projects, project))).filter((name) =>
        name.endsWith('.jsonl'),
      );
      return (await readFile(join(projects, project, session), 'utf8')).includes(word);
    },
    { what: 'the transcript' },
  ).catch(() => undefined);
  for (const pid of await agentPids(sandbox.home)) process.kill(pid, 'SIGKILL');
}

describeWith(['claude-code'], 'sessions of Claude Code', () => {
  it('go on after the engine was closed, in the same session, with usage of their own', async () => {
    await using sandbox = await createSandbox();
    const first = sandbox.spec(
      '[[tool Bash {"command":"echo one"}]] [[tool Bash {"command":"echo two"}]] alpha',
    );
    const one = await sandbox.run(first);
    await sandbox.restart();
    expect(await agentPids(sandbox.home)).toEqual([]);
    const second = sandbox.spec('what did I say first?', (spec) => {
      spec.history = historyAfter(first, one);
    });
    const two = await sandbox.run(second);
    expect(two.failure).toBeUndefined();
    expect(two.text).toContain('alpha');
    // The tool results are there: this is the session and no retold history.
    expect(sandbox.requests.at(-1)?.body).toContain('tool_result');
    expect(sandbox.requests.at(-1)?.body).not.toContain('conversation-so-far');
    expect(await sessionsOf(sandbox)).toHaveLength(1);
    expect(two.fold.usage?.outputTokens).toBeLessThan(80);
    expect(two.fold.usage?.inputTokens).toBeLessThan(one.fold.usage?.inputTokens ?? 0);
  });

  it('go on after the agent was killed in the midst of a tool', async () => {
    await using sandbox = await createSandbox();
    const first = sandbox.spec('beta [[tool Bash {"command":"tail -f /dev/null"}]]');
    const one = await sandbox.run(first, {
      onEvent: (event) => {
        if (event.type !== 'tool-call') return;
        void kill(sandbox);
      },
    });
    expect(one.failure).toMatchObject({
      reason: 'EngineCrashed',
      retryable: true,
      message: expect.stringContaining('SIGKILL'),
    });
    expect(one.fold.blocks.find((block) => block.type === 'tool')).toMatchObject({
      done: true,
      isError: true,
    });
    const second = sandbox.spec('what did I say first?', (spec) => {
      spec.history = historyAfter(first, one);
    });
    const two = await sandbox.run(second);
    expect(two.failure).toBeUndefined();
    expect(two.text).toContain('beta');
    expect(sandbox.requests.at(-1)?.body).toContain('tool_use');
    expect(await sessionsOf(sandbox)).toHaveLength(1);
  });

  it('are told as text when the agent was killed before it had written anything down', async () => {
    await using sandbox = await createSandbox();
    const first = sandbox.spec('eta [[tool Bash {"command":"tail -f /dev/null"}]]');
    const one = await sandbox.run(first, {
      onEvent: (event) => {
        if (event.type === 'tool-call') void kill(sandbox, '');
      },
    });
    expect(one.failure).toMatchObject({ reason: 'EngineCrashed' });
    const second = sandbox.spec('hello', (spec) => {
      spec.history = historyAfter(first, one);
    });
    expect((await sandbox.run(second)).failure).toBeUndefined();
    expect(sandbox.requests.at(-1)?.body).toContain('eta');
  });

  it('begin anew on a further attempt, from where the last answer ended', async () => {
    await using sandbox = await createSandbox();
    const first = sandbox.spec('gamma');
    const one = await sandbox.run(first);
    const lost = sandbox.spec('delta [[tool Bash {"command":"tail -f /dev/null"}]]', (spec) => {
      spec.history = historyAfter(first, one);
    });
    await sandbox.run(lost, {
      onEvent: (event) => {
        if (event.type !== 'tool-call') return;
        void kill(sandbox);
      },
    });
    lost.attempt = 2;
    lost.input.text = 'how many messages are there?';
    const again = await sandbox.run(lost);
    expect(again.failure).toBeUndefined();
    expect(sandbox.requests.at(-1)?.body).toContain('gamma');
    expect(sandbox.requests.at(-1)?.body).not.toContain('delta');
  });

  it('fork where an earlier message was edited, and both branches go on', async () => {
    await using sandbox = await createSandbox();
    const first = sandbox.spec('my first words');
    const one = await sandbox.run(first);
    const second = sandbox.spec('the left branch', (spec) => {
      spec.history = historyAfter(first, one);
    });
    const two = await sandbox.run(second);
    const edited = sandbox.spec('the right branch', (spec) => {
      spec.history = historyAfter(first, one);
    });
    const right = await sandbox.run(edited);
    expect(right.failure).toBeUndefined();
    const body = () => sandbox.requests.at(-1)?.body ?? '';
    expect(body()).toContain('my first words');
    expect(body()).not.toContain('the left branch');
    expect(await sessionsOf(sandbox)).toHaveLength(2);

    const left = sandbox.spec('more of the left', (spec) => {
      spec.history = historyAfter(second, two);
    });
    expect((await sandbox.run(left)).failure).toBeUndefined();
    expect(body()).toContain('the left branch');
    expect(body()).not.toContain('the right branch');
    const further = sandbox.spec('more of the right', (spec) => {
      spec.history = historyAfter(edited, right);
    });
    expect((await sandbox.run(further)).failure).toBeUndefined();
    expect(body()).toContain('the right branch');
    expect(body()).not.toContain('the left');

    const anew = await sandbox.run(sandbox.spec('nothing before this'));
    expect(anew.failure).toBeUndefined();
    expect(body()).not.toContain('my first words');
  });

  it('are told the history as text where they are gone', async () => {
    await using sandbox = await createSandbox();
    const first = sandbox.spec('the word is epsilon');
    const one = await sandbox.run(first);
    await sandbox.restart();
    await rm(join(sandbox.home, '.claude'), { recursive: true });
    const second = sandbox.spec('hello again', (spec) => {
      spec.history = historyAfter(first, one);
    });
    const two = await sandbox.run(second);
    expect(two.failure).toBeUndefined();
    expect(two.text).toMatch(/hello/i);
    expect(sandbox.requests.at(-1)?.body).toContain('conversation-so-far');
    expect(sandbox.requests.at(-1)?.body).toContain('the word is epsilon');
    expect(two.fold.blocks.filter((block) => block.type === 'text')).toHaveLength(1);

    // A fork of what is gone as well.
    await rm(join(sandbox.home, '.claude'), { recursive: true });
    const edited = sandbox.spec('hello once more', (spec) => {
      spec.history = historyAfter(first, one);
    });
    const three = await sandbox.run(edited);
    expect(three.failure).toBeUndefined();
    expect(sandbox.requests.at(-1)?.body).toContain('the word is epsilon');
  });

  it('are told as text where they cannot be read', async () => {
    await using sandbox = await createSandbox();
    const first = sandbox.spec('the word is theta');
    const one = await sandbox.run(first);
    await sandbox.restart();
    const [session = ''] = await sessionsOf(sandbox);
    const projects = join(sandbox.home, '.claude/projects');
    const [project = ''] = await readdir(projects);
    await writeFile(join(projects, project, session), '{"broken');
    const second = sandbox.spec('hello again', (spec) => {
      spec.history = historyAfter(first, one);
    });
    const two = await sandbox.run(second);
    expect(two.failure).toBeUndefined();
    expect(sandbox.requests.at(-1)?.body).toContain('the word is theta');
  });

  it('survive a broken book, and hear what others said in between', async () => {
    await using sandbox = await createSandbox();
    const first = sandbox.spec('zeta');
    const one = await sandbox.run(first);
    const second = sandbox.spec('and now?', (spec) => {
      spec.history = [
        ...historyAfter(first, one),
        { id: 'u9', role: 'user', text: 'to another agent', sender: 'bob' },
        { id: 'a9', role: 'assistant', text: 'said by another agent' },
      ];
    });
    const two = await sandbox.run(second);
    expect(two.failure).toBeUndefined();
    expect(sandbox.requests.at(-1)?.body).toContain('bob: to another agent');
    expect(sandbox.requests.at(-1)?.body).not.toContain('The person: zeta');
    const [book] = await readdir(join(sandbox.home, '.wegent/sessions'));
    const file = join(sandbox.home, '.wegent/sessions', book ?? '');
    expect(JSON.parse(await readFile(file, 'utf8'))).toHaveProperty('answers');
    await writeFile(file, '{"answers": 7');
    await sandbox.restart();
    const third = sandbox.spec('hello', (spec) => {
      spec.history = historyAfter(second, two);
    });
    expect((await sandbox.run(third)).failure).toBeUndefined();
    expect(sandbox.requests.at(-1)?.body).toContain('The person: zeta');
  });

  it('do not tell again what was said while the agent worked', async () => {
    await using sandbox = await createSandbox({ simulator: { pace: 20 } });
    const first = sandbox.spec('30 words');
    let said = false;
    const one = await sandbox.run(first, {
      onEvent: (event, say) => {
        if (event.type !== 'text-delta' || said) return;
        said = true;
        say({ type: 'message', id: '1', by: 'ada', messageId: 'steer-1', text: 'echo steered' });
      },
    });
    const second = sandbox.spec('hello', (spec) => {
      spec.history = [...historyAfter(first, one), { id: 'steer-1', role: 'user', text: 'echo steered' }];
    });
    await sandbox.run(second);
    expect(sandbox.requests.at(-1)?.body).not.toContain('conversation-so-far');
  });
});
