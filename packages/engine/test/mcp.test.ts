import { fileURLToPath } from 'node:url';
import type { ExecutionSpec } from '@wegent/api';
import type { RunningSimulator } from '@wegent/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROTOCOLS, run, specOf, startSimulator } from './harness.ts';
import { startMcpServer } from './servers/http-server.ts';

let simulator: RunningSimulator;
let remote: Awaited<ReturnType<typeof startMcpServer>>;
beforeAll(async () => {
  simulator = await startSimulator();
  remote = await startMcpServer();
});
afterAll(async () => {
  await simulator.close();
  await remote.close();
});

const STDIO = {
  command: process.execPath,
  args: [fileURLToPath(new URL('servers/stdio-server.ts', import.meta.url))],
  env: { TOKEN: 'given' },
};

function specWith(
  text: string,
  servers: ExecutionSpec['mcpServers'],
  change?: (spec: ExecutionSpec) => void,
): ExecutionSpec {
  const spec = specOf({ url: simulator.url, text });
  spec.mcpServers = servers;
  change?.(spec);
  return spec;
}

function outputs(ran: Awaited<ReturnType<typeof run>>) {
  return ran.fold.blocks
    .filter((block) => block.type === 'tool')
    .map(({ tool, title, output, isError, done }) => ({ tool, title, output, isError, done }));
}

describe.each([
  ['stdio', () => STDIO],
  ['http', () => ({ type: 'http' as const, url: `${remote.url}/mcp`, headers: { 'x-key': 'abc' } })],
  ['sse', () => ({ type: 'sse' as const, url: `${remote.url}/sse` })],
])('MCP over %s', (_name, server) => {
  it('calls tools, several at once too, and hands their results to the model', async () => {
    const ran = await run(
      specWith('[[tools-parallel calc__add_numbers {"a":1,"b":2} calc__add_numbers {"a":20,"b":22}]]', {
        calc: server(),
      }),
    );
    expect(ran.failure).toBeUndefined();
    expect(outputs(ran)).toEqual([
      { tool: 'calc__add_numbers', title: 'calc: Add numbers', output: '3', isError: false, done: true },
      { tool: 'calc__add_numbers', title: 'calc: Add numbers', output: '42', isError: false, done: true },
    ]);
    expect(ran.text).toBe('The tool calc__add_numbers returned: 3\nThe tool calc__add_numbers returned: 42');
    expect(ran.events.filter((event) => event.type === 'usage')).toHaveLength(2);
  });
});

it('sends the headers of the Ghost', async () => {
  remote.headers.length = 0;
  await run(
    specWith('hi', { calc: { type: 'http', url: `${remote.url}/mcp`, headers: { 'x-key': 'abc' } } }),
  );
  expect(remote.headers.length).toBeGreaterThan(0);
  expect(remote.headers.every((headers) => headers['x-key'] === 'abc')).toBe(true);
});

describe.each(PROTOCOLS)('over %s', (protocol) => {
  it('goes on after a tool has failed, over several steps', async () => {
    const text =
      '[[tool calc__fail {}]] [[say second]] [[tool calc__add_numbers {"a":1,"b":1}]] [[say third]]';
    const spec = specOf({ url: simulator.url, text, protocol });
    spec.mcpServers = { calc: STDIO };
    const ran = await run(spec);
    expect(ran.failure).toBeUndefined();
    expect(outputs(ran)).toEqual([
      { tool: 'calc__fail', title: 'calc: Always fails', output: 'no luck today', isError: true, done: true },
      { tool: 'calc__add_numbers', title: 'calc: Add numbers', output: '2', isError: false, done: true },
    ]);
    expect(ran.text).toBe('second\n\nthird');
  });
});

it('warns about servers that are broken, absent or silent, and goes on', async () => {
  const ran = await run(
    specWith('echo still here', {
      absent: { command: '/no/such/program' },
      broken: { command: process.execPath, args: ['-e', 'console.error("boom: no token"); process.exit(3)'] },
      silent: { type: 'http', url: `${remote.url}/silent` },
      refused: { type: 'sse', url: 'http://127.0.0.1:9/sse' },
      missing: { type: 'http', url: `${remote.url}/nothing` },
    }),
    { mcpConnectMs: 1_000 },
  );
  expect(ran.failure).toBeUndefined();
  expect(ran.text).toBe('still here');
  const warnings = ran.events.flatMap((event) => (event.type === 'warning' ? [event] : []));
  expect(warnings.map(({ code }) => code)).toEqual(Array(5).fill('McpServerUnavailable'));
  const all = warnings.map(({ message }) => message).join('\n');
  expect(all).toContain('boom: no token');
  expect(all).toContain('“silent” is not available, so its tools are missing: no answer within 1 s.');
});

it('shows no secret of a server that fails', async () => {
  const script = 'console.error("bad token " + process.env.TOKEN); process.exit(1)';
  const broken = { command: process.execPath, args: ['-e', script], env: { TOKEN: 'hunter2-hunter2' } };
  const ran = await run(specWith('echo hi', { broken }));
  const [warning] = ran.events.filter((event) => event.type === 'warning');
  expect(warning?.message).toContain('bad token');
  expect(warning?.message).not.toContain('hunter2');
});

it('starts no program for a run with restricted addresses', async () => {
  const ran = await run({
    ...specWith('echo hi', { calc: STDIO }),
    outboundAllow: [new URL(simulator.url).host],
  });
  expect(ran.text).toBe('hi');
  expect(ran.events).toContainEqual(
    expect.objectContaining({
      code: 'McpServerUnavailable',
      message: expect.stringContaining('only agents of administrators'),
    }),
  );
});

it('ends a tool call that takes too long', async () => {
  const ran = await run(specWith('[[tool calc__sleep {}]]', { calc: { ...STDIO, timeout: 0.2 } }));
  expect(outputs(ran)).toMatchObject([{ output: 'The tool did not answer within 0.2 s.', isError: true }]);
  expect(ran.text).toContain('The tool did not answer');
});

it('does not count a running tool as silence', async () => {
  const ran = await run(
    specWith('[[tool calc__sleep {}]]', { calc: { ...STDIO, timeout: 3 } }, (spec) => {
      spec.shell.idleSeconds = 2;
    }),
  );
  expect(ran.failure).toBeUndefined();
  expect(outputs(ran)).toMatchObject([{ isError: true }]);
  // What the model has said is paid for, whether the tool ends or its manager does.
  const order = ran.events
    .map(({ type }) => type)
    .filter((type) => type === 'usage' || type === 'tool-output');
  expect(order).toEqual(['usage', 'tool-output', 'usage']);
});

it('gives stdio servers only their own environment, and leaves no process', async () => {
  const ran = await run(specWith('[[tool calc__environment {}]]', { calc: STDIO }));
  const [{ output } = { output: '' }] = outputs(ran);
  const environment: Record<string, unknown> = JSON.parse(String(output));
  expect(Object.keys(environment).toSorted()).toEqual(['HOME', 'LANG', 'PATH', 'TMPDIR', 'TOKEN', 'pid']);
  expect(() => process.kill(Number(environment.pid), 0)).toThrow();
});

it('hides tools that the filter forbids', async () => {
  const listed = await run(
    specWith('which tools do you have?', { calc: STDIO }, (spec) => {
      spec.tools = { allow: ['calc__*'], deny: ['sleep', 'mcp__calc__env*'] };
    }),
  );
  expect(listed.text).toContain('calc__add_numbers, calc__fail');
  expect(listed.text).not.toMatch(/sleep|environment/);
});

it('answers a call of an unknown tool, and one with broken input, with an error', async () => {
  const unknown = await run(specWith('[[tool! nothing {}]]', { calc: STDIO }));
  expect(unknown.failure).toBeUndefined();
  expect(outputs(unknown)).toMatchObject([{ tool: 'nothing', isError: true, done: true }]);
});

it('ends tools and processes when it is stopped', async () => {
  const stop = new AbortController();
  const pids: number[] = [];
  const running = run(specWith('[[tool calc__environment {}]] [[tool calc__sleep {}]]', { calc: STDIO }), {
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type === 'tool-output') pids.push(Number(JSON.parse(String(event.output)).pid));
      if (event.type === 'tool-call' && event.tool === 'calc__sleep') stop.abort(new Error('stopped'));
    },
  });
  await expect(running).rejects.toThrow('stopped');
  expect(pids).toHaveLength(1);
  expect(() => process.kill(Number(pids[0]), 0)).toThrow();
});
