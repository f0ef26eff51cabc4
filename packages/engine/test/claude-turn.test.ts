import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeWith, waitFor } from '@wegent/testing';
import { describe, expect, it } from 'vitest';
import { createSandboxEngines, skillsFolder } from '../src/sandbox-engines.ts';
import { agentPids, createSandbox, historyAfter } from './claude-harness.ts';
import { startMcpServer } from './servers/http-server.ts';

const STDIO_SERVER = join(import.meta.dirname, 'servers/stdio-server.ts');

describeWith(['claude-code'], 'a turn of Claude Code', () => {
  it('streams reasoning and text word by word, and books usage with its cost', async () => {
    await using sandbox = await createSandbox();
    const ran = await sandbox.run(sandbox.spec('[[think first this]] [[say one two three four five]]'));
    expect(ran.failure).toBeUndefined();
    expect(ran.fold.blocks.map((block) => [block.type, 'text' in block ? block.text : ''])).toEqual([
      ['reasoning', 'first this'],
      ['text', 'one two three four five'],
    ]);
    expect(ran.fold.blocks.every((block) => !('done' in block) || block.done)).toBe(true);
    expect(ran.events.filter((event) => event.type === 'text-delta')).toHaveLength(5);
    const { usage } = ran.fold;
    expect(usage?.outputTokens).toBeGreaterThan(4);
    expect(usage?.costUsd).toBeCloseTo(((usage?.inputTokens ?? 0) + 2 * (usage?.outputTokens ?? 0)) / 1e6, 9);
  });

  it('shows tool calls with titles and structured output, diffs among it', async () => {
    await using sandbox = await createSandbox();
    const file = join(sandbox.work, 'src/a.txt');
    const ran = await sandbox.run(
      sandbox.spec(
        `[[tool Write {"file_path":"${file}","content":"one\\ntwo\\n"}]] [[tool Edit {"file_path":"${file}","old_string":"two","new_string":"three"}]] [[tool Bash {"command":"cat src/a.txt; exit 3"}]] [[tool Read {"file_path":"${join(sandbox.work, 'nothing')}"}]]`,
      ),
    );
    expect(ran.failure).toBeUndefined();
    expect(await readFile(file, 'utf8')).toBe('one\nthree\n');
    const tools = ran.fold.blocks.filter((block) => block.type === 'tool');
    expect(tools.map(({ tool, title, done, isError }) => ({ tool, title, done, isError }))).toEqual([
      { tool: 'Write', title: 'Write src/a.txt', done: true, isError: false },
      { tool: 'Edit', title: 'Edit src/a.txt', done: true, isError: false },
      { tool: 'Bash', title: 'cat src/a.txt; exit 3', done: true, isError: true },
      { tool: 'Read', title: 'Read nothing', done: true, isError: true },
    ]);
    expect(tools[0]?.output).toMatchObject({ structuredPatch: [{ lines: ['+one', '+two'] }] });
    expect(tools[1]?.output).toMatchObject({ structuredPatch: [{ lines: [' one', '-two', '+three'] }] });
    expect(tools[1]?.output).not.toHaveProperty('originalFile');
    expect(String(tools[2]?.output)).toContain('three');
    expect(String(tools[3]?.output)).toMatch(/does not exist/i);
    expect(String(tools[3]?.output)).not.toContain('tool_use_error');
  });

  it('runs subagents to their end; their tools stand under their name, their text is the result', async () => {
    await using sandbox = await createSandbox();
    const script = '[[say I look]] [[tool Bash {\\"command\\":\\"echo from-below\\"}]]';
    const ran = await sandbox.run(
      sandbox.spec(
        `[[tool Agent {"description":"Look around","prompt":"${script}","subagent_type":"general-purpose"}]]`,
      ),
    );
    expect(ran.failure).toBeUndefined();
    const tools = ran.fold.blocks.filter((block) => block.type === 'tool');
    expect(tools.map(({ title }) => title)).toEqual(['Agent: Look around', 'Look around › echo from-below']);
    expect(JSON.stringify(tools[0]?.output)).toContain('from-below');
    expect(ran.text).not.toContain('I look');
  });

  it('calls MCP servers: stdio as they are, remote ones through the gateway', async () => {
    const remote = await startMcpServer();
    await using _ = { [Symbol.asyncDispose]: () => remote.close() };
    await using sandbox = await createSandbox({ mcp: { far: `${remote.url}/mcp` } });
    const ran = await sandbox.run(
      sandbox.spec(
        '[[tool mcp__near__add_numbers {"a":2,"b":3}]] [[tool mcp__far__add_numbers {"a":20,"b":30}]] [[tool mcp__gone__add_numbers {"a":1,"b":1}]]',
        (spec) => {
          spec.mcpServers = {
            near: { command: process.execPath, args: [STDIO_SERVER] },
            far: { type: 'http', url: 'https://elsewhere.invalid/mcp' },
            gone: { command: '/does/not/exist' },
          };
        },
      ),
    );
    expect(ran.failure).toBeUndefined();
    const tools = ran.fold.blocks.filter((block) => block.type === 'tool');
    expect(tools.map(({ title, output }) => [title, JSON.stringify(output).includes('5')])).toEqual([
      ['near: Add numbers', true],
      ['far: Add numbers', true],
    ]);
    expect(ran.events).toContainEqual(
      expect.objectContaining({ type: 'warning', message: expect.stringContaining('“gone”') }),
    );
  });

  it('knows the skills of the Ghost', async () => {
    await using sandbox = await createSandbox();
    const folder = join(skillsFolder(sandbox.home), 'greet');
    await mkdir(folder, { recursive: true });
    await writeFile(
      join(folder, 'SKILL.md'),
      '---\nname: greet\ndescription: Greets people politely\n---\nBow deeply first.\n',
    );
    const ran = await sandbox.run(
      sandbox.spec('[[tool Skill {"skill":"wegent:greet"}]]', (spec) => {
        spec.skills = [{ name: 'greet', description: 'Greets people politely' }];
      }),
    );
    expect(ran.fold.blocks.find((block) => block.type === 'tool')).toMatchObject({
      title: 'Skill: greet',
      isError: false,
    });
    expect(sandbox.requests.some(({ body }) => body.includes('Bow deeply first.'))).toBe(true);
    expect(sandbox.requests[0]?.body).toContain('Greets people politely');
  });

  it('follows the Ghost, CLAUDE.md and AGENTS.md, but runs nothing that the repository configures', async () => {
    await using sandbox = await createSandbox();
    const { work, home } = sandbox;
    await writeFile(join(work, 'CLAUDE.md'), 'Always use tabs.');
    await writeFile(join(work, 'AGENTS.md'), 'Tests live in test/.');
    const proof = (name: string) => ({
      hooks: Object.fromEntries(
        ['SessionStart', 'UserPromptSubmit', 'PreToolUse', 'Stop'].map((event) => [
          event,
          [{ hooks: [{ type: 'command', command: `touch ${join(home, `${name}-${event}`)}` }] }],
        ]),
      ),
      permissions: { allow: ['Bash'] },
      env: { ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' },
      apiKeyHelper: `touch ${join(home, `${name}-helper`)}`,
    });
    await mkdir(join(work, '.claude'));
    await mkdir(join(home, '.claude'));
    await mkdir(join(home, '.wegent/hooks'), { recursive: true });
    await writeFile(join(work, '.claude/settings.json'), JSON.stringify(proof('project')));
    await writeFile(join(work, '.claude/settings.local.json'), JSON.stringify(proof('local')));
    await writeFile(join(home, '.claude/settings.json'), JSON.stringify(proof('user')));
    await writeFile(join(home, '.wegent/hooks/hooks.json'), JSON.stringify(proof('plugin')));
    await writeFile(
      join(work, '.mcp.json'),
      JSON.stringify({ mcpServers: { evil: { command: 'touch', args: [join(home, 'mcp')] } } }),
    );
    const ran = await sandbox.run(
      sandbox.spec('[[tool Bash {"command":"true"}]]', (spec) => {
        spec.systemPrompt = 'You are a careful Ghost.';
        spec.skills = [{ name: 'none', description: '' }];
      }),
    );
    expect(ran.failure).toBeUndefined();
    const [first] = sandbox.requests;
    for (const text of ['You are a careful Ghost.', 'Always use tabs.', 'Tests live in test/.'])
      expect(first?.body).toContain(text);
    for (const name of ['project', 'local', 'user', 'plugin'])
      for (const event of ['SessionStart', 'UserPromptSubmit', 'PreToolUse', 'Stop', 'helper'])
        expect(existsSync(join(home, `${name}-${event}`)), `${name} ${event}`).toBe(false);
    expect(existsSync(join(home, 'mcp'))).toBe(false);
  });

  it('does not follow instructions that lie outside of the work tree', async () => {
    await using sandbox = await createSandbox();
    await writeFile(join(sandbox.home, 'secret'), 'the secret of the home');
    await symlink(join(sandbox.home, 'secret'), join(sandbox.work, 'CLAUDE.md'));
    await sandbox.run(sandbox.spec('hello'));
    expect(sandbox.requests[0]?.body).not.toContain('the secret of the home');
  });

  it('gives the agent a whole environment of its own, without a key', async () => {
    await using sandbox = await createSandbox({ env: { GIVEN: 'by the executor' } });
    const ran = await sandbox.run(
      sandbox.spec(
        '[[tool Bash {"command":"env; cat /proc/$PPID/environ | tr \'\\\\0\' \'\\\\n\'"}]]',
        (spec) => {
          if (spec.model) spec.model.env = { EXTRA: 'by the model', small_model: 'tiny' };
        },
      ),
    );
    const output = JSON.stringify(ran.fold.blocks.find((block) => block.type === 'tool'));
    expect(output).toContain('GIVEN=by the executor');
    expect(output).toContain('EXTRA=by the model');
    expect(output).toContain('ANTHROPIC_SMALL_FAST_MODEL=tiny');
    expect(output).not.toContain('sk-test');
    expect(output).not.toContain('VITEST');
    expect(sandbox.requests.every(({ headers }) => headers.authorization === 'Bearer placeholder')).toBe(
      true,
    );
  });

  it('reaches model and MCP past a proxy that is meant for everything else', async () => {
    const remote = await startMcpServer();
    await using _ = { [Symbol.asyncDispose]: () => remote.close() };
    const proxy = 'http://127.0.0.1:9';
    await using sandbox = await createSandbox({
      mcp: { far: `${remote.url}/mcp` },
      env: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, http_proxy: proxy, https_proxy: proxy, ALL_PROXY: proxy },
    });
    const ran = await sandbox.run(
      sandbox.spec('[[tool mcp__far__add_numbers {"a":20,"b":30}]]', (spec) => {
        spec.mcpServers = { far: { type: 'http', url: 'https://elsewhere.invalid/mcp' } };
      }),
    );
    expect(ran.failure).toBeUndefined();
    expect(ran.text).toContain('50');
  });

  it('shows images and texts of files', async () => {
    await using sandbox = await createSandbox();
    const spec = sandbox.spec('look', (it) => {
      it.input.attachments = [
        { id: '1', name: 'cat.png', mediaType: 'image/png', size: PIXEL.length, blobKey: 'cat' },
        { id: '2', name: 'notes.txt', mediaType: 'text/plain', size: 5, text: 'hello from the file' },
        { id: '3', name: 'gone.png', mediaType: 'image/png', size: 5, blobKey: 'gone' },
        { id: '4', name: 'data.zip', mediaType: 'application/zip', size: 4, blobKey: 'zip' },
      ];
    });
    const ran = await sandbox.run(spec, { blobs: { cat: PIXEL, zip: Buffer.from('PK..') } });
    expect(ran.failure).toBeUndefined();
    expect(ran.text).toContain('image/png');
    expect(sandbox.requests[0]?.body).toContain('hello from the file');
    expect(ran.events).toContainEqual(expect.objectContaining({ code: 'AttachmentMissing' }));
    // Programs find them on the disk, outside of the work tree.
    for (const path of ['1/cat.png', '4/data.zip']) {
      const place = join(sandbox.home, '.wegent/attachments', path);
      expect(sandbox.requests[0]?.body).toContain(`at ${place}]`);
      expect((await readFile(place)).length).toBeGreaterThan(3);
    }
  });

  it('shortens the conversation when it is asked to', async () => {
    await using sandbox = await createSandbox();
    const first = sandbox.spec('remember iota');
    const one = await sandbox.run(first);
    const second = sandbox.spec('/compact', (spec) => {
      spec.history = historyAfter(first, one);
    });
    const two = await sandbox.run(second);
    expect(two.failure).toBeUndefined();
    expect(two.events).toContainEqual(expect.objectContaining({ code: 'HistoryTrimmed' }));
    const third = sandbox.spec('echo still here', (spec) => {
      spec.history = historyAfter(second, two);
    });
    expect((await sandbox.run(third)).text).toBe('still here');
  });

  it('takes a slash at the beginning as text', async () => {
    await using sandbox = await createSandbox();
    const ran = await sandbox.run(sandbox.spec('/etc/passwd echo is what?'));
    expect(ran.failure).toBeUndefined();
    expect(sandbox.requests).toHaveLength(1);
    expect(sandbox.requests[0]?.body).toContain('/etc/passwd echo is what?');
  });

  it('answers follow-ups from the same process, each with the usage of its own', async () => {
    await using sandbox = await createSandbox();
    const first = sandbox.spec('[[tool Bash {"command":"echo $PPID"}]]');
    const one = await sandbox.run(first);
    const second = sandbox.spec('[[tool Bash {"command":"echo $PPID"}]]', (spec) => {
      spec.history = historyAfter(first, one);
    });
    const two = await sandbox.run(second);
    const third = sandbox.spec('what did I say first?', (spec) => {
      spec.history = historyAfter(second, two);
    });
    const three = await sandbox.run(third);
    const pid = (ran: typeof one) => /The tool Bash returned: (\d+)/.exec(ran.text)?.[1];
    expect(pid(one)).toMatch(/^\d+$/);
    expect(pid(one)).toBe(pid(two));
    expect(three.text).toContain('echo $PPID');
    expect(three.fold.usage?.outputTokens).toBeLessThan(
      (one.fold.usage?.outputTokens ?? 0) + (two.fold.usage?.outputTokens ?? 0) + 60,
    );
    const cost = [one, two, three].map((ran) => ran.fold.usage?.inputTokens ?? 0);
    // Two model calls each in the first turns, one in the last: cumulative figures would only grow.
    expect(cost[2]).toBeLessThan(cost[1] ?? 0);
  });

  it('has its process ready where it was warmed up, and makes a new one for other options', async () => {
    await using sandbox = await createSandbox();
    const spec = sandbox.spec('hello');
    const { work: workFolder, home: homeFolder, gatewayUrl } = sandbox;
    await sandbox.engines.ClaudeCode?.prewarm?.({ spec, workFolder, homeFolder, gatewayUrl, env: {} });
    const warm = await agentPids(sandbox.home);
    expect(warm).toHaveLength(1);
    expect(Number(await readFile(`/proc/${warm[0]}/oom_score_adj`, 'utf8'))).toBe(500);
    const one = await sandbox.run(spec);
    expect(one.failure).toBeUndefined();
    expect(await agentPids(sandbox.home)).toEqual(warm);
    const other = sandbox.spec('what are your instructions?', (it) => {
      it.systemPrompt = 'You are someone else.';
      it.history = historyAfter(spec, one);
    });
    const two = await sandbox.run(other);
    expect(two.failure).toBeUndefined();
    expect(sandbox.requests.at(-1)?.body).toContain('You are someone else.');
    expect(sandbox.requests.at(-1)?.body).not.toContain('You are a helper.');
    expect(sandbox.requests.at(-1)?.body).toContain('hello');
    expect(await agentPids(sandbox.home)).toHaveLength(1);
    await sandbox.engines.ClaudeCode?.close?.();
    expect(await agentPids(sandbox.home)).toEqual([]);
  });

  it('ends a process that nobody needs any more', async () => {
    await using sandbox = await createSandbox({ idleMs: 50 });
    await sandbox.run(sandbox.spec('hello'));
    await waitFor(async () => (await agentPids(sandbox.home)).length === 0, { what: 'the process to end' });
  });
});

describe('without Claude Code', () => {
  it('fails with EngineNotInstalled', async () => {
    await using sandbox = await createSandbox({ enginesFolder: '/does/not/exist' });
    const ran = await sandbox.run(sandbox.spec('hello'));
    expect(ran.failure).toMatchObject({ reason: 'EngineNotInstalled', retryable: false });
  });

  it('refuses models of other protocols', async () => {
    await using sandbox = await createSandbox({ enginesFolder: '/does/not/exist' });
    const ran = await sandbox.run(
      sandbox.spec('hello', (spec) => {
        if (spec.model) spec.model.protocol = 'openai-chat';
      }),
    );
    expect(ran.failure).toMatchObject({
      reason: 'ModelBadRequest',
      message: expect.stringContaining('protocol of Anthropic'),
    });
  });

  it('stands beside Agno in a sandbox', () => {
    expect(Object.keys(createSandboxEngines({ enginesFolder: '/none' }))).toEqual(['ClaudeCode', 'Agno']);
  });
});

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
