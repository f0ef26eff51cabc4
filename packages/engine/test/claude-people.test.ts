import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionEvent, RunInput } from '@wegent/api';
import { describeWith, waitFor } from '@wegent/testing';
import { expect, it } from 'vitest';
import { agentPids, createSandbox, historyAfter, type RunOptions } from './claude-harness.ts';

type Approval = Extract<RunInput, { type: 'approval' }>;

/** Decides every approval that is asked for. */
function deciding(
  decide: (event: Extract<ExecutionEvent, { type: 'approval-request' }>) => Partial<Approval>,
): NonNullable<RunOptions['onEvent']> {
  return (event, say) => {
    if (event.type !== 'approval-request') return;
    const { approvalId } = event;
    say({ type: 'approval', id: approvalId, by: 'ada', approvalId, decision: 'allow', ...decide(event) });
  };
}

const ASK_BASH = [{ tool: 'Bash', decision: 'ask' as const }];

describeWith(['claude-code'], 'people and Claude Code', () => {
  it('asks before a call that a rule names, and for no other', async () => {
    await using sandbox = await createSandbox();
    const file = join(sandbox.work, 'a.txt');
    const ran = await sandbox.run(
      sandbox.spec(
        `[[tool Write {"file_path":"${file}","content":"x"}]] [[tool Bash {"command":"echo yes > b.txt"}]]`,
        (spec) => {
          spec.approvals = ASK_BASH;
        },
      ),
      { onEvent: deciding(() => ({})) },
    );
    expect(ran.failure).toBeUndefined();
    const approvals = ran.fold.blocks.filter((block) => block.type === 'approval');
    expect(approvals).toMatchObject([
      {
        tool: 'Bash',
        title: 'echo yes > b.txt',
        input: { command: 'echo yes > b.txt' },
        decision: 'allow',
        by: 'ada',
      },
    ]);
    const types = ran.events.map((event) => event.type);
    expect(types.lastIndexOf('tool-call')).toBeLessThan(types.indexOf('approval-request'));
    expect(await readFile(join(sandbox.work, 'b.txt'), 'utf8')).toBe('yes\n');
  });

  it('asks for tools that only read as well', async () => {
    await using sandbox = await createSandbox();
    const ran = await sandbox.run(
      sandbox.spec('[[tool Read {"file_path":"/etc/hostname"}]] [[tool Bash {"command":"ls"}]]', (spec) => {
        spec.approvals = [{ tool: '*', decision: 'ask' }];
      }),
      { onEvent: deciding(() => ({ decision: 'deny', reason: 'read the README instead' })) },
    );
    const tools = ran.fold.blocks.filter((block) => block.type === 'tool');
    expect(tools.map(({ isError }) => isError)).toEqual([true, true]);
    expect(JSON.stringify(tools[0]?.output)).toContain('read the README instead');
    expect(ran.text).toContain('read the README instead');
  });

  it('matches rules on the input, the first rule counts, and deny needs nobody', async () => {
    await using sandbox = await createSandbox();
    const ran = await sandbox.run(
      sandbox.spec(
        '[[tool Bash {"command":"echo fine"}]] [[tool Bash {"command":"rm -rf x"}]] [[tool Bash {"command":"git push"}]]',
        (spec) => {
          spec.approvals = [
            { tool: 'Bash', match: '*rm -rf*', decision: 'deny' },
            { tool: 'Ba*', match: '*git push*', decision: 'ask' },
            { tool: 'Bash', decision: 'allow' },
          ];
        },
      ),
      { onEvent: deciding(() => ({ decision: 'expired' })) },
    );
    const tools = ran.fold.blocks.filter((block) => block.type === 'tool');
    expect(tools.map(({ isError }) => isError)).toEqual([false, true, true]);
    expect(JSON.stringify(tools[1]?.output)).toContain('forbids');
    expect(JSON.stringify(tools[2]?.output)).toContain('Nobody answered in time');
    expect(ran.fold.blocks.filter((block) => block.type === 'approval')).toHaveLength(1);
  });

  it('holds subagents to the same rules', async () => {
    await using sandbox = await createSandbox();
    const script = '[[tool Bash {\\"command\\":\\"touch sub.txt\\"}]]';
    await sandbox.run(
      sandbox.spec(
        `[[tool Agent {"description":"d","prompt":"${script}","subagent_type":"general-purpose"}]]`,
        (spec) => {
          spec.approvals = ASK_BASH;
        },
      ),
      { onEvent: deciding(() => ({ decision: 'deny' })) },
    );
    expect(existsSync(join(sandbox.work, 'sub.txt'))).toBe(false);
  });

  it('makes the call with the input that the person wrote', async () => {
    await using sandbox = await createSandbox();
    const ran = await sandbox.run(
      sandbox.spec('[[tool Bash {"command":"touch original.txt"}]]', (spec) => {
        spec.approvals = ASK_BASH;
      }),
      { onEvent: deciding(() => ({ updatedInput: { command: 'touch edited.txt' } })) },
    );
    expect(ran.failure).toBeUndefined();
    expect(existsSync(join(sandbox.work, 'edited.txt'))).toBe(true);
    expect(existsSync(join(sandbox.work, 'original.txt'))).toBe(false);
  });

  it('remembers a decision for the task, in later turns too', async () => {
    await using sandbox = await createSandbox();
    const approvals = (spec: { approvals: unknown }) => {
      spec.approvals = ASK_BASH;
    };
    const first = sandbox.spec(
      '[[tool Bash {"command":"echo 1"}]] [[tool Bash {"command":"echo 2"}]]',
      approvals,
    );
    const one = await sandbox.run(first, {
      onEvent: deciding(() => ({ remember: { tool: 'Bash', match: '*echo*', decision: 'allow' } })),
    });
    expect(one.fold.blocks.filter((block) => block.type === 'approval')).toHaveLength(1);
    const second = sandbox.spec(
      '[[tool Bash {"command":"echo 3"}]] [[tool Bash {"command":"date"}]]',
      (spec) => {
        approvals(spec);
        spec.history = historyAfter(first, one);
      },
    );
    const two = await sandbox.run(second, { onEvent: deciding(() => ({})) });
    expect(two.fold.blocks.filter((block) => block.type === 'approval')).toMatchObject([
      { input: { command: 'date' } },
    ]);
    const other = sandbox.spec('[[tool Bash {"command":"echo 4"}]]', (spec) => {
      approvals(spec);
      spec.taskId = 'another-task';
    });
    const three = await sandbox.run(other, { onEvent: deciding(() => ({})) });
    expect(three.fold.blocks.filter((block) => block.type === 'approval')).toHaveLength(1);
  });

  it('offers and makes only calls of tools that the Ghost may use', async () => {
    await using sandbox = await createSandbox();
    const ran = await sandbox.run(
      sandbox.spec(
        `[[tool! Write {"file_path":"${join(sandbox.work, 'a')}","content":"x"}]] [[tool! Bash {"command":"touch b"}]]`,
        (spec) => {
          spec.tools = { allow: ['Read', 'Ba*'], deny: ['Bash'] };
        },
      ),
    );
    expect(ran.failure).toBeUndefined();
    expect(existsSync(join(sandbox.work, 'a'))).toBe(false);
    expect(existsSync(join(sandbox.work, 'b'))).toBe(false);
    const offered: unknown = JSON.parse(sandbox.requests[0]?.body ?? '{}');
    expect(offered).toMatchObject({ tools: [{ name: 'Read' }] });
  });

  it('asks the person questions', async () => {
    await using sandbox = await createSandbox();
    const questions = JSON.stringify({
      questions: [
        {
          question: 'Which colour?',
          header: 'Colour',
          multiSelect: true,
          options: [
            { label: 'Red', description: 'warm' },
            { label: 'Blue', description: 'cold' },
          ],
        },
      ],
    });
    const ran = await sandbox.run(sandbox.spec(`[[tool AskUserQuestion ${questions}]]`), {
      onEvent: (event, say) => {
        if (event.type !== 'question') return;
        const { questionId } = event;
        say({ type: 'answer', id: '1', by: 'ada', questionId, answers: { q1: ['Red', 'Blue'] } });
      },
    });
    expect(ran.fold.blocks.find((block) => block.type === 'question')).toMatchObject({
      questions: [
        {
          id: 'q1',
          text: 'Which colour?',
          multiple: true,
          options: [{ value: 'Red', label: 'Red — warm' }, {}],
        },
      ],
      answers: { q1: ['Red', 'Blue'] },
    });
    expect(ran.text).toContain('"Which colour?"="Red, Blue"');
  });

  it('plans first: changes nothing before the plan is approved, and hears why it is not', async () => {
    await using sandbox = await createSandbox();
    const plan = join(sandbox.home, '.claude/plans/the-plan.md');
    const script = [
      '[[tool Bash {"command":"ls"}]]',
      '[[tool Bash {"command":"touch early.txt"}]]',
      `[[tool Write {"file_path":"${join(sandbox.work, 'early2.txt')}","content":"x"}]]`,
      `[[tool Write {"file_path":"${plan}","content":"# Build a house"}]]`,
      '[[tool ExitPlanMode {}]]',
      '[[tool ExitPlanMode {}]]',
      '[[tool Bash {"command":"touch late.txt"}]]',
    ].join(' ');
    let asked = 0;
    const ran = await sandbox.run(
      sandbox.spec(script, (spec) => {
        spec.options = { plan: true };
      }),
      {
        onEvent: deciding(() =>
          asked++ === 0
            ? { decision: 'deny', reason: 'add a garden' }
            : { decision: 'allow', updatedInput: { plan: '# Build two houses' } },
        ),
      },
    );
    expect(ran.failure).toBeUndefined();
    const approvals = ran.fold.blocks.filter((block) => block.type === 'approval');
    expect(approvals).toMatchObject([
      { tool: 'ExitPlanMode', input: { plan: '# Build a house' }, decision: 'deny' },
      { tool: 'ExitPlanMode', input: { plan: '# Build a house' }, decision: 'allow' },
    ]);
    expect(ran.text).toContain('add a garden');
    // The model reads the plan as the person left it.
    expect(ran.text).toContain('# Build two houses');
    expect(await readFile(plan, 'utf8')).toBe('# Build two houses');
    expect(ran.fold.blocks.find((block) => block.type === 'tool')).toMatchObject({
      input: { command: 'ls' },
      isError: false,
    });
    expect(existsSync(join(sandbox.work, 'early.txt'))).toBe(false);
    expect(existsSync(join(sandbox.work, 'early2.txt'))).toBe(false);
    expect(existsSync(join(sandbox.work, 'late.txt'))).toBe(true);
  });

  it('stops at once, in a tool and in an approval, and goes on in the same process', async () => {
    await using sandbox = await createSandbox();
    const stopAt = async (
      text: string,
      type: ExecutionEvent['type'],
      history: ReturnType<typeof historyAfter>,
    ) => {
      const stop = new AbortController();
      let stoppedAt = 0;
      const spec = sandbox.spec(text, (it) => {
        it.approvals = [{ tool: 'Bash', match: '*ask*', decision: 'ask' }];
        it.history = history;
      });
      await expect(
        sandbox.run(spec, {
          signal: stop.signal,
          onEvent: (event) => {
            if (event.type !== type) return;
            stoppedAt = performance.now();
            stop.abort(new Error('cancelled'));
          },
        }),
      ).rejects.toThrow('cancelled');
      return { spec, ms: performance.now() - stoppedAt };
    };
    const one = await stopAt('[[tool Bash {"command":"tail -f /dev/null"}]]', 'tool-call', []);
    const pids = await agentPids(sandbox.home);
    expect(pids).toHaveLength(1);
    const history = historyAfter(one.spec, { text: '' });
    const two = await stopAt('[[tool Bash {"command":"echo ask"}]]', 'approval-request', history);
    const ran = await sandbox.run(
      sandbox.spec('what did I say first?', (spec) => {
        spec.approvals = [{ tool: 'Bash', match: '*ask*', decision: 'ask' }];
        spec.history = historyAfter(two.spec, { text: '' });
      }),
    );
    expect(ran.text).toContain('tail -f /dev/null');
    expect(await agentPids(sandbox.home)).toEqual(pids);
    expect(one.ms).toBeLessThan(2_500);
    expect(two.ms).toBeLessThan(2_500);
  });

  it('hears what is said during a tool, within the same turn', async () => {
    await using sandbox = await createSandbox();
    const go = join(sandbox.work, 'go');
    const ran = await sandbox.run(
      sandbox.spec(
        `[[tool Bash {"command":"until [ -e go ]; do read -t 0.05 < /dev/zero; done; echo through"}]]`,
      ),
      {
        onEvent: (event, say) => {
          if (event.type !== 'tool-call') return;
          say({ type: 'message', id: '1', by: 'ada', messageId: 'steer-1', text: 'remember the milk' });
          void import('node:fs/promises').then(({ writeFile }) => writeFile(go, ''));
        },
      },
    );
    expect(ran.failure).toBeUndefined();
    await waitFor(() => sandbox.requests.some(({ body }) => body.includes('remember the milk')), {
      what: 'the message to reach the model',
    });
  });

  it('answers what is said during the last words in a turn of its own, before it ends', async () => {
    await using sandbox = await createSandbox({ simulator: { pace: 20 } });
    let said = false;
    const ran = await sandbox.run(sandbox.spec('40 words'), {
      onEvent: (event, say) => {
        if (event.type !== 'text-delta' || said) return;
        said = true;
        say({ type: 'message', id: '1', by: 'ada', messageId: 'steer-2', text: 'echo and this too' });
      },
    });
    expect(ran.failure).toBeUndefined();
    expect(ran.text.endsWith('and this too')).toBe(true);
  });
});
