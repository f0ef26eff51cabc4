import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { describeWith, waitFor } from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bridgePids, createAgnoSandbox, STDIO, toolsOf, withServers } from './agno-harness.ts';
import { startMcpServer } from './servers/http-server.ts';

let remote: Awaited<ReturnType<typeof startMcpServer>>;
beforeAll(async () => {
  remote = await startMcpServer();
});
afterAll(() => remote.close());

const CALL = '[[tools-parallel calc__add_numbers {"a":1,"b":2} calc__fail {}]] [[say done]]';

describeWith(['agno'], 'tools of Agno', () => {
  describe.each([
    ['stdio', STDIO, {}],
    ['http', { type: 'http' as const, url: 'http://gateway/mcp/calc' }, '/mcp'],
  ])('over %s', (_kind, server, path) => {
    it('are called several at once; what fails goes to the model as an error', async () => {
      const mcp: Record<string, string> = typeof path === 'string' ? { calc: `${remote.url}${path}` } : {};
      await using sandbox = await createAgnoSandbox({ mcp });
      const ran = await sandbox.run(sandbox.spec(CALL, withServers({ calc: server })));
      expect(ran.failure).toBeUndefined();
      expect(toolsOf(ran.fold)).toEqual([
        { tool: 'calc__add_numbers', title: 'calc: Add numbers', output: '3', isError: false, done: true },
        {
          tool: 'calc__fail',
          title: 'calc: Always fails',
          output: 'no luck today',
          isError: true,
          done: true,
        },
      ]);
      expect(ran.text).toBe('done');
      expect(ran.events.filter((event) => event.type === 'usage')).toHaveLength(2);
      expect(sandbox.requests.at(-1)?.body).toContain('no luck today');
    });
  });

  it('are called over anthropic too, and the connection stays for the next turn', async () => {
    await using sandbox = await createAgnoSandbox({ protocol: 'anthropic' });
    const text = '[[tool calc__environment {}]] [[say done]]';
    const pids: unknown[] = [];
    for (let turn = 0; turn < 2; turn++) {
      const ran = await sandbox.run(sandbox.spec(text, withServers({ calc: STDIO })));
      const [step] = toolsOf(ran.fold);
      const environment: unknown = JSON.parse(String(step?.output));
      expect(environment).toMatchObject({ TOKEN: 'given', HOME: sandbox.home, PATH: expect.any(String) });
      pids.push(
        environment !== null && typeof environment === 'object' && 'pid' in environment && environment.pid,
      );
    }
    expect(pids[1]).toBe(pids[0]);
  });

  it('are offered as the lists of the Ghost say', async () => {
    await using sandbox = await createAgnoSandbox();
    await sandbox.run(
      sandbox.spec('hello', (spec) => {
        spec.mcpServers = { calc: STDIO };
        spec.tools = { allow: ['mcp__calc__*'], deny: ['sleep', 'calc__env*'] };
      }),
    );
    const body: unknown = JSON.parse(sandbox.requests[0]?.body ?? '');
    expect(body).toMatchObject({
      tools: [{ function: { name: 'calc__add_numbers' } }, { function: { name: 'calc__fail' } }],
    });
  });

  it('wait for a person where a rule says so, who may change the input or refuse', async () => {
    await using sandbox = await createAgnoSandbox();
    const text =
      '[[tool calc__add_numbers {"a":1,"b":2}]] [[tool calc__add_numbers {"a":5,"b":5}]] [[say done]]';
    let asked = 0;
    const ran = await sandbox.run(
      sandbox.spec(text, (spec) => {
        spec.mcpServers = { calc: STDIO };
        spec.approvals = [{ tool: 'calc__add_numbers', decision: 'ask' }];
      }),
      {
        onEvent: (event, say) => {
          if (event.type !== 'approval-request') return;
          expect(event).toMatchObject({ tool: 'calc__add_numbers', title: 'calc: Add numbers' });
          const { approvalId } = event;
          if (asked++ === 0)
            say({
              type: 'approval',
              id: 'i1',
              by: 'ada',
              approvalId,
              decision: 'allow',
              updatedInput: { a: 40, b: 2 },
            });
          else
            say({
              type: 'approval',
              id: 'i2',
              by: 'ada',
              approvalId,
              decision: 'deny',
              reason: 'enough sums',
            });
        },
      },
    );
    expect(ran.failure).toBeUndefined();
    expect(toolsOf(ran.fold)).toMatchObject([
      { output: '42', isError: false },
      { output: expect.stringContaining('enough sums'), isError: true },
    ]);
    expect(ran.fold.blocks.filter((block) => block.type === 'approval')).toHaveLength(2);
    expect(sandbox.requests.at(-1)?.body).toContain('enough sums');
    expect(ran.text).toMatch(/done$/);
  });

  it('are not called when a rule forbids it', async () => {
    await using sandbox = await createAgnoSandbox();
    const ran = await sandbox.run(
      sandbox.spec('[[tool calc__add_numbers {"a":1,"b":2}]] [[say done]]', (spec) => {
        spec.mcpServers = { calc: STDIO };
        spec.approvals = [{ tool: 'add_*', decision: 'deny' }];
      }),
    );
    expect(toolsOf(ran.fold)).toMatchObject([{ output: expect.stringContaining('forbids'), isError: true }]);
    expect(ran.text).toBe('done');
  });

  it('are missed with a warning when their server is broken, absent or silent', async () => {
    await using sandbox = await createAgnoSandbox({
      mcp: { silent: `${remote.url}/silent`, missing: `${remote.url}/nothing` },
      mcpConnectSeconds: 3,
    });
    const http = { type: 'http' as const, url: 'http://gateway/mcp/x' };
    const ran = await sandbox.run(
      sandbox.spec('echo still here', (spec) => {
        spec.mcpServers = {
          absent: { command: '/no/such/program' },
          broken: { command: process.execPath, args: ['-e', 'process.exit(3)'], env: { KEY: 'very-secret' } },
          silent: http,
          missing: http,
        };
      }),
    );
    expect(ran.failure).toBeUndefined();
    expect(ran.text).toBe('still here');
    const warnings = ran.events.filter((event) => event.type === 'warning');
    expect(warnings.map(({ code }) => code)).toEqual(Array(4).fill('McpServerUnavailable'));
    for (const name of ['absent', 'broken', 'silent', 'missing'])
      expect(warnings.some(({ message }) => message.includes(`“${name}”`))).toBe(true);
    expect(warnings.find(({ message }) => message.includes('silent'))?.message).toContain('within 3 s');
  });

  it('have a time limit', async () => {
    await using sandbox = await createAgnoSandbox();
    const text = '[[tool calc__sleep {}]] [[say done]]';
    const ran = await sandbox.run(sandbox.spec(text, withServers({ calc: { ...STDIO, timeout: 1 } })));
    expect(toolsOf(ran.fold)).toMatchObject([
      { output: 'The tool did not answer within 1 s.', isError: true },
    ]);
    expect(ran.text).toBe('done');
  });

  it('leave no process behind when the turn is stopped in the midst of a call', async () => {
    await using sandbox = await createAgnoSandbox();
    const stop = new AbortController();
    const spec = sandbox.spec('[[tool calc__sleep {}]]', withServers({ calc: STDIO }));
    const running = sandbox.run(spec, {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type === 'tool-call') stop.abort(new Error('stopped by the person'));
      },
    });
    await expect(running).rejects.toThrow('stopped by the person');
    // The bridge and the server live on for the next turn.
    expect(await bridgePids(sandbox.home)).toHaveLength(2);
    const next = await sandbox.run(
      sandbox.spec('[[tool calc__add_numbers {"a":1,"b":2}]] [[say done]]', withServers({ calc: STDIO })),
    );
    expect(toolsOf(next.fold)).toMatchObject([{ output: '3' }]);
    await sandbox.restart();
    await waitFor(async () => (await bridgePids(sandbox.home)).length === 0, {
      what: 'all processes to end',
    });
  });

  it('let a leader give work to several members at once, whatever lists and rules say', async () => {
    await using team = await startTeam(2);
    await using sandbox = await createAgnoSandbox({ mcp: { team: team.url } });
    const calls = ['ben', 'cleo'].map((member) => `delegate {"member":"${member}","instruction":"Look."}`);
    const ran = await sandbox.run(
      sandbox.spec(`[[tools-parallel ${calls.join(' ')}]]`, (spec) => {
        spec.mcpServers = { team: { type: 'http', url: 'http://gateway/mcp/team', timeout: 60 } };
        spec.team = { members: [], parallel: 2 };
        spec.tools = { allow: [] };
        spec.approvals = [{ tool: '*', decision: 'deny' }];
      }),
    );
    expect(ran.failure).toBeUndefined();
    expect(toolsOf(ran.fold)).toMatchObject([
      { tool: 'delegate', title: 'Delegate', output: 'ben found it', isError: false },
      { tool: 'delegate', title: 'Delegate', output: 'cleo found it', isError: false },
    ]);
    expect(ran.text).toContain('ben found it');
  });
});

/** An MCP server like that of the gateway, without sessions; its members answer once so many work at the same time. */
async function startTeam(together: number): Promise<{ url: string } & AsyncDisposable> {
  const all = Promise.withResolvers<void>();
  let working = 0;
  const answerTo = async (
    method: string,
    params: { arguments?: { member?: string }; protocolVersion?: string },
  ) => {
    if (method === 'initialize')
      return {
        protocolVersion: params.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'team', version: '1' },
      };
    if (method === 'tools/list') return { tools: [{ name: 'delegate', inputSchema: { type: 'object' } }] };
    if (method !== 'tools/call') return {};
    working += 1;
    if (working === together) all.resolve();
    await all.promise;
    return { content: [{ type: 'text', text: `${params.arguments?.member} found it` }] };
  };
  const server = createServer(async (request, response) => {
    const { id, method, params } = JSON.parse((await text(request)) || '{}');
    if (request.method !== 'POST') return void response.writeHead(405).end();
    if (id === undefined) return void response.writeHead(202).end();
    const result = await answerTo(method, params ?? {});
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
