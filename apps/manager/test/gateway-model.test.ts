import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { createSimulator, type FaultRequest } from '@wegent/simulator';
import { waitFor } from '@wegent/testing';
import { expect, test } from 'vitest';
import { KEY, modelAt, specOf, startGateway, startServer } from './gateway-harness.ts';

const FAST = { retryDelaysMs: [5, 10, 15], firstByteMs: 5_000, idleMs: 5_000 };
const PRICING = { input: 1, cachedInput: 0.1, output: 10 };

const ask = (text: string, more: object = {}) => ({
  model: 'simulator',
  max_tokens: 1000,
  messages: [{ role: 'user', content: text }],
  ...more,
});

test('an answer streams through with the real key put in, and is counted', async () => {
  const seen: FaultRequest['headers'][] = [];
  await using simulator = await createSimulator({
    pace: 50,
    faults: ({ headers }) => void seen.push(headers),
  }).listen();
  await using host = await startGateway({ timings: FAST });
  const { admit } = await host.sandbox('one');
  const pass = admit(
    specOf({ model: modelAt(simulator.url, { pricing: PRICING, headers: { 'X-Team': 'blue' } }) }),
  );
  const answer = await pass.call('/model/v1/messages?beta=true', {
    json: ask('30 words', { stream: true }),
    headers: {
      'x-api-key': 'of-the-sandbox',
      authorization: 'Bearer of-the-sandbox',
      cookie: 'a=b',
      'x-own': '1',
    },
  });
  expect(answer.status).toBe(200);
  let chunks = 0;
  answer.incoming.on('data', () => chunks++);
  const text = await answer.text();
  expect(chunks).toBeGreaterThan(5);
  expect(text).toContain('event: message_stop');
  expect(text).not.toContain(KEY);
  expect(seen).toHaveLength(1);
  expect(seen[0]).toMatchObject({ 'x-api-key': KEY, 'x-team': 'blue', 'accept-encoding': 'identity' });
  for (const name of ['authorization', 'cookie', 'x-own', 'x-wegent-run'])
    expect(seen[0]).not.toHaveProperty(name);
  await waitFor(() => pass.usages.length === 1, { what: 'the usage' });
  const [usage] = pass.usages;
  expect(usage?.outputTokens).toBeGreaterThanOrEqual(30);
  expect(usage?.inputTokens).toBeGreaterThan(0);
  const { inputTokens = 0, cachedInputTokens = 0, outputTokens = 0 } = usage ?? {};
  const cost = (inputTokens - cachedInputTokens) * 1 + cachedInputTokens * 0.1 + outputTokens * 10;
  expect(usage?.costUsd).toBeCloseTo(cost / 1e6, 12);
  expect(pass.usage()).toEqual(usage);
  expect(host.log.join('')).not.toContain(KEY);
});

test.each([
  ['anthropic', '', '/v1/messages', ask('hello')],
  ['anthropic', '/v1', '/v1/messages', ask('hello')],
  ['anthropic', '/v1/messages', '/messages', ask('hello')],
  ['openai-chat', '', '/chat/completions', ask('hello')],
  ['openai-chat', '/v1', '/v1/chat/completions', ask('hello', { stream: true })],
  ['openai-responses', '/v1/', '/v1/responses', { model: 'simulator', input: 'hello' }],
  ['openai-responses', '', '/responses', { model: 'simulator', input: 'hello', stream: true }],
] as const)('%s at base URL “%s” answers %s, counted', async (protocol, suffix, path, json) => {
  await using simulator = await createSimulator({ pace: 0 }).listen();
  await using host = await startGateway();
  const { admit } = await host.sandbox('one');
  const pass = admit(specOf({ model: modelAt(`${simulator.url}${suffix}`, { protocol }) }));
  const answer = await pass.call(`/model${path}`, { json });
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('ello')]);
  await waitFor(() => pass.usages.length === 1, { what: 'the usage' });
  expect(pass.usages[0]?.inputTokens).toBeGreaterThan(0);
  expect(pass.usages[0]?.outputTokens).toBeGreaterThan(0);
  expect(pass.usages[0]?.costUsd).toBeNull();
});

test('counting tokens and listing models cost nothing; a HEAD is answered here', async () => {
  await using simulator = await createSimulator({ pace: 0 }).listen();
  await using host = await startGateway();
  const { admit } = await host.sandbox('one');
  const pass = admit(specOf({ model: modelAt(simulator.url) }));
  const counted = await pass.call('/model/v1/messages/count_tokens', { json: ask('hello') });
  expect(JSON.parse(await counted.text())).toEqual({ input_tokens: expect.any(Number) });
  expect((await pass.call('/model/v1/models')).status).toBe(200);
  expect((await pass.call('/model/api/hello', { method: 'HEAD' })).status).toBe(200);
  expect(pass.usages).toEqual([]);
});

test('other models, calls and ways around the proxy are refused in the words of the protocol', async () => {
  const seen: string[] = [];
  await using server = await startServer((request, response) => {
    seen.push(request.url ?? '');
    response.end('{}');
  });
  await using host = await startGateway();
  const { admit } = await host.sandbox('one');
  const env = {
    ANTHROPIC_SMALL_FAST_MODEL: 'small-one',
    small_model: 'small-two',
    ANTHROPIC_DEFAULT_HAIKU_MODEL: 'haiku[1m]',
  };
  const pass = admit(specOf({ model: modelAt(server.url, { env }) }));
  const refused = async (path: string, json: unknown, status = 403) => {
    const answer = await pass.call(path, { json });
    const text = await answer.text();
    expect([answer.status, JSON.parse(text).type], text).toEqual([status, 'error']);
    return text;
  };
  expect(await refused('/model/v1/messages', ask('x', { model: 'dear-one' }))).toMatch(
    /simulator.*small-one.*small-two.*haiku.*dear-one/,
  );
  await refused('/model/v1/messages', ask('x', { model: undefined }));
  await refused('/model/v1/messages', ask('x', { mcp_servers: [{ url: 'https://example.org' }] }));
  await refused(
    '/model/v1/messages',
    ask('x', { tools: [{ type: 'web_fetch_20250910', name: 'web_fetch' }] }),
  );
  await refused('/model/v1/files', {});
  await refused('/model/v1/messages/batches', ask('x'));
  await refused('/model/v1/organizations/api_keys', {});
  await refused('/model/v1/messages', [], 400);
  const twice = await pass.call('/model/v1/messages', {
    body: '{"model":"dear-one","model":"simulator","messages":[]}',
  });
  expect(twice.status).toBe(200);
  for (const model of ['simulator', 'small-one', 'small-two', 'haiku']) {
    expect((await pass.call('/model/v1/messages', { json: ask('x', { model }) })).status).toBe(200);
  }
  expect(seen).toEqual(Array(5).fill('/v1/messages'));
});

test('a name twice in a body reaches the provider once, as it was checked', async () => {
  const bodies: string[] = [];
  await using server = await startServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    bodies.push(body);
    response.end('{}');
  });
  await using host = await startGateway();
  const { admit } = await host.sandbox('one');
  const pass = admit(specOf({ model: modelAt(server.url, { protocol: 'openai-chat' }) }));
  await pass.call('/model/chat/completions', {
    body: '{"model":"dear-one","stream":true,"model":"simulator","stream_options":null}',
  });
  expect(bodies).toEqual(['{"model":"simulator","stream":true,"stream_options":{"include_usage":true}}']);
});

test('failures that may pass are tried again before the first byte; others are told as they are', async () => {
  let calls = 0;
  let plan: { status: number; headers?: Record<string, string> }[] = [];
  await using server = await startServer((_request, response) => {
    const { status, headers = {} } = plan[calls++] ?? { status: 200 };
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ error: { message: `no with ${KEY} and sk-abcdefghijklmnop` } }));
  });
  await using host = await startGateway({ timings: FAST });
  const { admit } = await host.sandbox('one');
  const pass = admit(specOf({ model: modelAt(server.url) }));
  const run = async (statuses: typeof plan) => {
    calls = 0;
    plan = statuses;
    const answer = await pass.call('/model/v1/messages', { json: ask('x') });
    return {
      status: answer.status,
      text: await answer.text(),
      calls,
      retryAfter: answer.headers['retry-after'],
    };
  };
  expect(await run([{ status: 529 }, { status: 500 }, { status: 429 }])).toMatchObject({
    status: 200,
    calls: 4,
  });
  expect(await run(Array(9).fill({ status: 503 }))).toMatchObject({ status: 503, calls: 4 });
  expect(await run(Array(9).fill({ status: 429, headers: { 'retry-after': '3600' } }))).toMatchObject({
    status: 429,
    calls: 1,
    retryAfter: '3600',
  });
  expect(await run(Array(9).fill({ status: 529, headers: { 'x-should-retry': 'false' } }))).toMatchObject({
    calls: 1,
  });
  const denied = await run(Array(9).fill({ status: 401 }));
  expect(denied).toMatchObject({ status: 401, calls: 1 });
  expect(denied.text).toContain('no with');
  expect(denied.text).not.toMatch(new RegExp(`${KEY}|sk-abc`));
  expect(await run([{ status: 307, headers: { location: 'http://127.0.0.1:1/' } }])).toMatchObject({
    status: 502,
    calls: 1,
  });
});

test('a server that is not there, or silent, is an error in time', async () => {
  await using server = await startServer(() => undefined);
  await using host = await startGateway({ timings: { ...FAST, firstByteMs: 100 } });
  const { admit } = await host.sandbox('one');
  const silent = await admit(specOf({ model: modelAt(server.url) })).call('/model/v1/messages', {
    json: ask('x'),
  });
  expect([silent.status, await silent.text()]).toEqual([504, expect.stringContaining('timeout_error')]);
  await server[Symbol.asyncDispose]();
  const gone = await admit(specOf({ model: modelAt(server.url) })).call('/model/v1/messages', {
    json: ask('x'),
  });
  expect([gone.status, await gone.text()]).toEqual([502, expect.stringContaining('refuses connections')]);
});

test('a connection that does not come about is tried again, within its time', async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await using host = await startGateway({ timings: { ...FAST, connectMs: 50 } });
  const { admit } = await host.sandbox('one');
  // It never shakes hands.
  const model = modelAt(`https://127.0.0.1:${port}`);
  const answer = await admit(specOf({ model })).call('/model/v1/messages', { json: ask('x') });
  expect([answer.status, await answer.text()]).toEqual([
    504,
    expect.stringContaining('no connection within 0.05 s'),
  ]);
  expect(connections).toBe(4);
  server.close();
});

test('private addresses need OUTBOUND_ALLOW', async () => {
  await using simulator = await createSimulator({ pace: 0 }).listen();
  await using host = await startGateway({ timings: FAST });
  const { admit } = await host.sandbox('one');
  const model = modelAt(simulator.url);
  const refused = await admit(specOf({ model, outboundAllow: [] })).call('/model/v1/messages', {
    json: ask('x'),
  });
  expect([refused.status, await refused.text()]).toEqual([
    403,
    expect.stringContaining('OUTBOUND_ALLOW=127.0.0.1:'),
  ]);
  const { host: pair } = new URL(simulator.url);
  const allowed = await admit(specOf({ model, outboundAllow: [pair] })).call('/model/v1/messages', {
    json: ask('x'),
  });
  expect(allowed.status).toBe(200);
});

test.each(['anthropic', 'openai-chat', 'openai-responses'] as const)(
  'an answer of %s that is cut breaks, and is counted',
  async (protocol) => {
    await using simulator = await createSimulator({ pace: 0 }).listen();
    await using host = await startGateway({ timings: FAST });
    const { admit } = await host.sandbox('one');
    const pass = admit(specOf({ model: modelAt(simulator.url, { protocol }) }));
    const path = {
      anthropic: '/messages',
      'openai-chat': '/chat/completions',
      'openai-responses': '/responses',
    }[protocol];
    const prompt = '300 words [[fault cut 100]]';
    const json =
      protocol === 'openai-responses'
        ? { model: 'simulator', input: prompt, stream: true }
        : ask(prompt, { stream: true });
    const answer = await pass.call(`/model${path}`, { json });
    await expect(answer.text()).rejects.toThrow(/aborted/);
    await waitFor(() => pass.usages.length === 1, { what: 'the usage' });
    expect(pass.usages[0]?.inputTokens).toBeGreaterThan(0);
    expect(pass.usages[0]?.outputTokens).toBeGreaterThan(50);
  },
);

test('revoking ends an answer in its midst, on both sides, and what was used is counted', async () => {
  let isClosed = false;
  const { handler } = createSimulator({ pace: 20 });
  await using server = await startServer((request, response) => {
    response.once('close', () => {
      isClosed = true;
    });
    handler(request, response);
  });
  await using host = await startGateway({ timings: FAST });
  const { admit } = await host.sandbox('one');
  const pass = admit(specOf({ model: modelAt(server.url) }));
  const answer = await pass.call('/model/v1/messages', { json: ask('500 words', { stream: true }) });
  await once(answer.incoming, 'data');
  pass.revoke();
  expect(pass.usages).toHaveLength(1);
  await expect(answer.text()).rejects.toThrow(/aborted/);
  await waitFor(() => isClosed, { what: 'the end on the other side' });
  expect(pass.usages).toHaveLength(1);
  const after = await pass.call('/model/v1/messages', { json: ask('x') });
  expect(after.status).toBe(403);
});

test('a client that goes away ends the retries and the call', async () => {
  let calls = 0;
  await using server = await startServer((_request, response) => {
    calls++;
    response.writeHead(503).end();
  });
  await using host = await startGateway({ timings: { retryDelaysMs: [200, 200, 200, 200, 200] } });
  const { admit, socketPath } = await host.sandbox('one');
  const pass = admit(specOf({ model: modelAt(server.url) }));
  const body = JSON.stringify(ask('x'));
  const socket = connect(socketPath);
  socket.write(
    `POST /model/v1/messages HTTP/1.1\r\nhost: x\r\nx-wegent-run: ${pass.token}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await waitFor(() => calls === 1, { what: 'the first try' });
  socket.destroy();
  const other = await pass.call('/model/v1/messages', { json: ask('x') });
  expect(other.status).toBe(503);
  expect(calls).toBe(7);
});

test('a server that repeats the key does not get it into the sandbox, in whatever pieces', async () => {
  const pieces = [
    `{"echo":"${KEY.slice(0, 9)}`,
    KEY.slice(9, 15),
    `${KEY.slice(15)} ${KEY}","more":"${KEY.slice(0, 5)}"}`,
  ];
  await using server = await startServer(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': `k=${KEY}`, 'x-echo': KEY });
    for (const piece of pieces) {
      response.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    response.end();
  });
  await using host = await startGateway();
  const { admit } = await host.sandbox('one');
  const answer = await admit(specOf({ model: modelAt(server.url) })).call('/model/v1/messages', {
    json: ask('x'),
  });
  const stars = '*'.repeat(KEY.length);
  expect(await answer.text()).toBe(`{"echo":"${stars} ${stars}","more":"${KEY.slice(0, 5)}"}`);
  expect(JSON.stringify(answer.headers)).not.toContain(KEY);
});

test('bodies that are too long, too slow or encoded are refused', async () => {
  await using server = await startServer((_request, response) => response.end('{}'));
  await using host = await startGateway({ timings: { bodyMs: 100 } });
  const { admit, socketPath } = await host.sandbox('one');
  const pass = admit(specOf({ model: modelAt(server.url) }));
  const long = await pass.call('/model/v1/messages', { body: Buffer.alloc(33 * 1024 * 1024, ' ') });
  expect([long.status, await long.text()]).toEqual([413, expect.stringContaining('request_too_large')]);
  const encoded = await pass.call('/model/v1/messages', {
    json: ask('x'),
    headers: { 'content-encoding': 'gzip' },
  });
  expect(encoded.status).toBe(400);
  const socket = connect(socketPath);
  socket.write(
    `POST /model/v1/messages HTTP/1.1\r\nhost: x\r\nx-wegent-run: ${pass.token}\r\ncontent-length: 100\r\n\r\n{`,
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 408 /);
  await once(socket, 'close');
});

test('somebody without a run has no model', async () => {
  await using host = await startGateway();
  const { admit } = await host.sandbox('one');
  const { executionId: _id, ...context } = specOf({ model: modelAt('http://127.0.0.1:1') });
  const answer = await admit(context).call('/model/v1/messages', { json: ask('x') });
  expect(answer.status).toBe(404);
});
