import { createServer, type RequestListener } from 'node:http';
import type { ExecutionEvent } from '@wegent/api';
import { createSimulator, type Fault, type RunningSimulator } from '@wegent/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testModel } from '../src/index.ts';
import { PROTOCOLS, run, specOf, startSimulator } from './harness.ts';

let simulator: RunningSimulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

/** A simulator whose first requests meet these faults, one each. */
async function withFaults(faults: Fault[]) {
  let requests = 0;
  const server = await startSimulator({ faults: () => faults[requests++] });
  return { ...server, count: () => requests };
}

async function listen(handler: RequestListener) {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe.each(PROTOCOLS)('over %s', (protocol) => {
  it.each([
    ['401', 'ModelAuth', false],
    ['403', 'ModelAuth', false],
    ['400', 'ModelBadRequest', false],
    ['422', 'ModelBadRequest', false],
    ['429 retry-after=0', 'ModelRateLimit', true],
    ['529', 'ModelOverloaded', true],
    ['503', 'ModelOverloaded', true],
    ['500', 'ModelUnavailable', true],
    ['context', 'ContextTooLong', false],
    ['cut 5', 'ModelUnavailable', true],
    ['malformed 5', 'ModelUnavailable', true],
  ] as const)('[[fault %s]] is %s', async (fault, reason, retryable) => {
    const ran = await run(
      specOf({
        url: simulator.url,
        protocol,
        text: `[[fault ${fault}]] echo one two three four five six seven`,
      }),
    );
    expect(ran.failure).toMatchObject({ reason, retryable });
    expect(ran.failure?.message).toContain('demo');
    expect(JSON.stringify(ran.events) + JSON.stringify(ran.failure)).not.toContain('sk-test');
    const phases = ran.events.filter((event) => event.type === 'phase');
    expect(phases).toHaveLength(retryable ? 2 : 0);
  });

  it('an error in the midst of the stream is retried and then told', async () => {
    const ran = await run(
      specOf({ url: simulator.url, protocol, text: '[[fault sse-error 3]] echo one two three four five' }),
    );
    expect(ran.failure).toMatchObject({
      retryable: true,
      reason: expect.stringMatching(/^Model(Overloaded|Unavailable)$/),
    });
  });

  it('a wrong key is told in plain words', async () => {
    const spec = specOf({ url: simulator.url, protocol, text: 'hi' });
    if (spec.model) spec.model.apiKey = 'bad-key';
    const ran = await run(spec);
    expect(ran.failure).toMatchObject({
      reason: 'ModelAuth',
      message: 'The key of model “demo” was refused (401). Check the key in Models.',
    });
  });

  it('succeeds after failures before the first word', async () => {
    await using server = await withFaults([
      { kind: 'status', status: 529 },
      { kind: 'status', status: 429, retryAfter: 0 },
    ]);
    const ran = await run(specOf({ url: server.url, protocol, text: 'echo at last' }));
    expect(ran.failure).toBeUndefined();
    expect(ran.text).toBe('at last');
    expect(ran.events.filter((event) => event.type === 'block-reset')).toEqual([]);
    expect(ran.events.filter((event) => event.type === 'phase').map((event) => event.text)).toEqual([
      'The model is overloaded; trying again in 1 s',
      'The provider allows no more requests for now; trying again in 0 s',
    ]);
    expect(server.count()).toBe(3);
  });

  it('takes back what was written before a stream was cut', async () => {
    await using server = await withFaults([
      { kind: 'cut', words: 4 },
      { kind: 'malformed', words: 2 },
    ]);
    const text = 'one two three four five six seven eight';
    const ran = await run(specOf({ url: server.url, protocol, text: `echo ${text}` }));
    expect(ran.failure).toBeUndefined();
    expect(ran.text).toBe(text);
    const written = ran.events.flatMap((event) => (event.type === 'text-start' ? [event.blockId] : []));
    const reset = ran.events.flatMap((event) => (event.type === 'block-reset' ? [event.blockId] : []));
    expect(reset).toEqual(written.slice(0, -1));
    expect(reset.length).toBeGreaterThan(0);
  });

  it('keeps earlier steps when a later one fails and is repeated', async () => {
    await using server = await withFaults([
      { kind: 'slow', ms: 0 },
      { kind: 'status', status: 529 },
    ]);
    const ran = await run(
      specOf({ url: server.url, protocol, text: '[[say first]] [[tool! nothing {}]] [[say second]]' }),
    );
    expect(ran.text).toBe('first\n\nsecond');
    expect(ran.fold.blocks.filter((block) => block.type === 'tool')).toHaveLength(1);
  });

  it('silence is a Timeout', async () => {
    const spec = specOf({ url: simulator.url, protocol, text: '[[fault hang 2]] echo one two three four' });
    spec.shell.idleSeconds = 1;
    const ran = await run(spec);
    expect(ran.failure).toMatchObject({ reason: 'Timeout', retryable: true });
    expect(ran.text).toMatch(/^one/);
  });

  it('silence before the first word is a Timeout', async () => {
    const spec = specOf({ url: simulator.url, protocol, text: '[[fault hang-before]] echo one' });
    spec.shell.idleSeconds = 0.3;
    expect((await run(spec)).failure).toMatchObject({ reason: 'Timeout' });
  });

  it('a turn that takes too long is a Timeout', async () => {
    const spec = specOf({ url: simulator.url, protocol, text: 'write 500 words at 20 words per second' });
    spec.shell.turnSeconds = 0.5;
    expect((await run(spec)).failure).toMatchObject({ reason: 'Timeout', retryable: false });
  });

  it('stops within moments and closes the connection', async () => {
    const closed = Promise.withResolvers<void>();
    const { handler } = createSimulator({ pace: 20 });
    await using server = await listen((request, response) => {
      response.once('close', closed.resolve);
      handler(request, response);
    });
    const stop = new AbortController();
    let stoppedAt = 0;
    const seen: ExecutionEvent[] = [];
    const running = run(specOf({ url: server.url, protocol, text: 'write 500 words' }), {
      signal: stop.signal,
      onEvent: (event) => {
        seen.push(event);
        if (event.type === 'text-delta' && stoppedAt === 0) {
          stoppedAt = performance.now();
          stop.abort(new Error('stopped'));
        }
      },
    });
    await expect(running).rejects.toThrow('stopped');
    expect(performance.now() - stoppedAt).toBeLessThan(500);
    await closed.promise;
    expect(seen.filter((event) => event.type === 'text-delta').length).toBeLessThan(5);
  });
});

it('tells where nothing listens, where the host is unknown and where the address is wrong', async () => {
  const refused = await run(specOf({ url: 'http://127.0.0.1:9/v1', text: 'hi' }));
  expect(refused.failure).toMatchObject({
    reason: 'ModelUnavailable',
    retryable: true,
    message: expect.stringContaining('Nothing listens'),
  });
  await using page = await listen(
    (_request, response) => void response.writeHead(404).end('<html>Not here</html>'),
  );
  const wrong = await run(specOf({ url: `${page.url}/wrong/path`, text: 'hi' }));
  expect(wrong.failure).toMatchObject({
    reason: 'ModelUnavailable',
    retryable: false,
    message: expect.stringContaining('404'),
  });
  const invalid = await run(specOf({ url: 'http://user:secret@127.0.0.1/v1', text: 'hi' }));
  expect(invalid.failure).toMatchObject({ reason: 'ModelBadRequest' });
  expect(JSON.stringify(invalid.failure)).not.toContain('secret');
});

it('refuses private addresses unless they are listed', async () => {
  const spec = specOf({ url: simulator.url, text: 'echo hello' });
  for (const baseUrl of [
    simulator.url,
    simulator.url.replace('127.0.0.1', 'localhost'),
    'http://[::1]:1234/v1',
    'http://10.1.2.3/v1',
  ]) {
    const ran = await run({
      ...spec,
      ...(spec.model ? { model: { ...spec.model, baseUrl } } : {}),
      outboundAllow: [],
    });
    expect(ran.failure, baseUrl).toMatchObject({
      reason: 'ModelUnavailable',
      retryable: false,
      message: expect.stringContaining('private network'),
    });
  }
  const allowed = await run({ ...spec, outboundAllow: [new URL(simulator.url).host] });
  expect(allowed.text).toBe('hello');
});

it('does not follow redirects', async () => {
  const location = `${simulator.url}/v1/chat/completions`;
  await using server = await listen((_request, response) => void response.writeHead(307, { location }).end());
  const ran = await run(specOf({ url: server.url, text: 'hi' }));
  expect(ran.failure).toMatchObject({
    reason: 'ModelUnavailable',
    message: expect.stringContaining('leads elsewhere (307)'),
  });
});

it('says that an engine is not installed', async () => {
  const spec = specOf({ url: simulator.url, text: 'hi' });
  spec.shell.shellType = 'ClaudeCode';
  expect((await run(spec)).failure).toMatchObject({
    reason: 'EngineNotInstalled',
    message: expect.stringContaining('ClaudeCode'),
  });
});

describe('testModel', () => {
  const endpointOf = (url: string, change: { apiKey?: string } = {}) => {
    const { model } = specOf({ url, text: '' });
    if (!model) throw new Error('no model');
    return { ...model, ...change };
  };

  it.each(PROTOCOLS)('is content with a model that answers over %s', async (protocol) => {
    const tested = await testModel({ endpoint: { ...endpointOf(simulator.url), protocol } });
    expect(tested).toMatchObject({
      ok: true,
      latencyMs: expect.any(Number),
      reply: expect.stringMatching(/\w/),
    });
  });

  it('tells what is wrong', async () => {
    expect(await testModel({ endpoint: endpointOf(simulator.url, { apiKey: 'bad-key' }) })).toMatchObject({
      ok: false,
      error: { reason: 'ModelAuth' },
    });
    expect(await testModel({ endpoint: endpointOf('http://127.0.0.1:9') })).toMatchObject({
      ok: false,
      error: { reason: 'ModelUnavailable' },
    });
    expect(await testModel({ endpoint: endpointOf(simulator.url), outboundAllow: [] })).toMatchObject({
      ok: false,
      error: { reason: 'ModelUnavailable' },
    });
    await using server = await withFaults([{ kind: 'hang-before' }, { kind: 'hang-before' }]);
    expect(await testModel({ endpoint: endpointOf(server.url), limitMs: 200 })).toMatchObject({
      ok: false,
      error: { reason: 'Timeout' },
    });
    expect(
      await testModel({ endpoint: endpointOf(server.url), signal: AbortSignal.timeout(50) }),
    ).toMatchObject({ ok: false, error: { reason: 'Cancelled' } });
  });
});
