import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { events, json, post, readEvents, readUntilCut, startSimulator } from '../test/client.ts';
import { createSimulator } from './server.ts';

/** A request to each protocol with the same prompt, and how each tells a text delta. */
const protocols = [
  {
    path: '/v1/messages',
    body: (content: string, more: object = {}) => ({
      model: 'simulator',
      max_tokens: 1000,
      messages: [{ role: 'user', content }],
      ...more,
    }),
    delta: '"text_delta"',
    context: 'invalid_request_error',
    overload: 529,
  },
  {
    path: '/v1/chat/completions',
    body: (content: string, more: object = {}) => ({
      model: 'simulator',
      messages: [{ role: 'user', content }],
      ...more,
    }),
    delta: '"delta":{"content":" ',
    context: 'context_length_exceeded',
    overload: 503,
  },
  {
    path: '/v1/responses',
    body: (input: string, more: object = {}) => ({ model: 'simulator', input, ...more }),
    delta: '"response.output_text.delta"',
    context: 'context_length_exceeded',
    overload: 503,
  },
];

describe.each(protocols)('$path', ({ path, body, delta, context, overload }) => {
  test.each([
    ['429', 429],
    ['500', 500],
    ['529', overload],
    ['401', 401],
    ['400', 400],
    ['context', 400],
  ])('[[fault %s]]', async (fault, status) => {
    await using simulator = await startSimulator();
    const response = await post(simulator.url + path, body(`[[fault ${fault}]]`, { stream: true }));
    expect(response.status).toBe(status);
    expect(response.headers.get('retry-after')).toBe(status === 429 ? '1' : null);
    const answer = await response.text();
    expect(JSON.parse(answer).error.message).toBeTypeOf('string');
    if (fault === 'context') expect(answer).toContain(context);
  });

  test('[[fault cut 5]] breaks the stream after five words', async () => {
    await using simulator = await startSimulator();
    const response = await post(simulator.url + path, body('[[fault cut 5]] hello', { stream: true }));
    const { text, broken } = await readUntilCut(response);
    expect(broken).toBe(true);
    expect(text).toContain('Good');
    expect(text.split(delta).length - 1).toBe(path.includes('chat') ? 4 : 5);
  });

  test('[[fault cut]] without streaming breaks the body', async () => {
    await using simulator = await startSimulator();
    const response = await post(simulator.url + path, body('[[fault cut 1]] hello'));
    expect((await readUntilCut(response)).broken).toBe(true);
  });

  test('[[fault malformed 2]] ends in broken JSON', async () => {
    await using simulator = await startSimulator();
    const all = await events(
      post(simulator.url + path, body('[[fault malformed 2]] hello', { stream: true })),
    );
    expect(all.at(-1)?.data).toHaveProperty('broken');
    expect(JSON.stringify(all)).toContain('Good');
  });

  test('[[fault sse-error 2]] ends in an error event', async () => {
    await using simulator = await startSimulator();
    const all = await events(
      post(simulator.url + path, body('[[fault sse-error 2]] hello', { stream: true })),
    );
    expect(JSON.stringify(all.at(-1))).toMatch(/overload|server_error/i);
    if (path === '/v1/responses') expect(all.at(-1)?.data.sequence_number).toBe(all.length - 1);
  });

  test('[[fault hang]] sends headers and no more; hang-before not even these', async () => {
    await using simulator = await startSimulator();
    const gone = new AbortController();
    const response = await post(simulator.url + path, body('[[fault hang]]', { stream: true }), {
      signal: gone.signal,
    });
    const reading = response.text();
    const pending = post(simulator.url + path, body('[[fault hang-before]]'), { signal: gone.signal });
    expect(
      await Promise.race([reading, pending, new Promise((resolve) => setTimeout(resolve, 50, 'hangs'))]),
    ).toBe('hangs');
    gone.abort();
    await expect(reading).rejects.toThrow();
    await expect(pending).rejects.toThrow();
  });

  test('refuses bad keys, missing models and what is no JSON', async () => {
    await using simulator = await startSimulator();
    const url = simulator.url + path;
    const key = { headers: { authorization: 'Bearer bad-key' } };
    expect((await post(url, body('hi'), key)).status).toBe(401);
    expect((await post(url, body('hi'), { headers: { 'x-api-key': 'invalid' } })).status).toBe(401);
    expect((await post(url, body('hi', { model: 'missing-1' }))).status).toBe(404);
    expect((await fetch(url, { method: 'POST', body: '{' })).status).toBe(400);
    expect((await post(url, body('word '.repeat(2000), { model: 'simulator-1k' }))).status).toBe(400);
  });

  test('the same request gets the same answer', async () => {
    await using simulator = await startSimulator();
    const ask = async () =>
      JSON.stringify(await events(post(simulator.url + path, body('hi', { stream: true }))));
    const withoutTime = (answer: string) => answer.replace(/"created(_at)?":\d+/g, '');
    expect(withoutTime(await ask())).toBe(withoutTime(await ask()));
  });
});

describe('faults that pass', () => {
  const { path, body } = protocols[0] ?? { path: '', body: () => ({}) };

  test('until=2 by the attempt that the client tells', async () => {
    await using simulator = await startSimulator();
    const ask = (headers: Record<string, string>) =>
      post(simulator.url + path, body('[[fault 529 until=2]]'), { headers });
    expect((await ask({})).status).toBe(529);
    expect((await ask({ 'x-stainless-retry-count': '0' })).status).toBe(529);
    expect((await ask({ 'x-stainless-retry-count': '1' })).status).toBe(200);
    expect((await ask({ 'x-attempt': '2' })).status).toBe(200);
  });

  test('turn=2 only in that turn of a tool loop', async () => {
    await using simulator = await startSimulator();
    expect((await post(simulator.url + path, body('[[fault 500 turn=2]]'))).status).toBe(200);
    expect((await post(simulator.url + path, body('[[fault 500 turn=1]]'))).status).toBe(500);
  });

  test('a hook decides', async () => {
    let left = 2;
    await using simulator = await startSimulator({
      faults: (request) =>
        request.prompt === 'flaky' && left-- > 0 ? { kind: 'status', status: 429, retryAfter: 7 } : undefined,
    });
    const first = await post(simulator.url + path, body('flaky'));
    expect([first.status, first.headers.get('retry-after')]).toEqual([429, '7']);
    expect((await post(simulator.url + path, body('flaky'))).status).toBe(429);
    expect((await post(simulator.url + path, body('flaky'))).status).toBe(200);
  });
});

test('keeps the pace that the prompt asks for', async () => {
  await using simulator = await startSimulator();
  const start = performance.now();
  const body = { model: 'simulator', input: '41 words at 200 words per second', stream: true };
  await events(post(`${simulator.url}/v1/responses`, body));
  const took = performance.now() - start;
  expect(took).toBeGreaterThan(195);
  expect(took).toBeLessThan(1000);
});

test('stops when the client goes away', async () => {
  await using simulator = await startSimulator({ pace: 1 });
  const gone = new AbortController();
  const body = { model: 'simulator', input: '100 words', stream: true };
  const response = await post(`${simulator.url}/v1/responses`, body, { signal: gone.signal });
  const reader = response.body?.getReader();
  await reader?.read();
  gone.abort();
  await expect(reader?.read()).rejects.toThrow();
});

test('lists models in the form of either provider, and answers HEAD', async () => {
  await using simulator = await startSimulator();
  const url = `${simulator.url}/v1/models`;
  expect(await json(fetch(url))).toMatchObject({
    object: 'list',
    data: [{ id: 'simulator', object: 'model' }, {}],
  });
  const headers = { 'anthropic-version': '2023-06-01' };
  expect(await json(fetch(url, { headers }))).toMatchObject({
    data: [{ type: 'model' }, {}],
    has_more: false,
  });
  expect((await fetch(`${url}/missing-x`)).status).toBe(404);
  expect((await fetch(url, { headers: { 'x-api-key': 'invalid' } })).status).toBe(401);
  expect((await fetch(`${simulator.url}/api/hello`, { method: 'HEAD' })).status).toBe(200);
  expect((await fetch(`${simulator.url}/v1/other`, { method: 'POST' })).status).toBe(404);
});

test('refuses a body over 32 MB', async () => {
  await using simulator = await startSimulator();
  const response = await fetch(`${simulator.url}/v1/messages`, {
    method: 'POST',
    body: Buffer.alloc(32 * 1024 * 1024 + 1, 32),
  });
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ error: { type: 'request_too_large' } });
});

test('can be mounted below a prefix', async () => {
  const { handler } = createSimulator({ pace: 0 });
  const server = createServer((request, response) => {
    request.url = request.url?.replace(/^\/demo/, '');
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const body = { model: 'simulator', input: 'echo hi' };
  const response = await post(`http://127.0.0.1:${port}/demo/v1/responses`, body);
  expect(readEvents(await response.text())).toHaveLength(1);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
