import { ApiError } from '@wegent/api';
import { expect, test } from 'vitest';
import { createHttpClient } from './http.ts';

const json = (code: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status: code, headers });

test('sends the token, the query and a JSON body', async () => {
  const requests: Request[] = [];
  const http = createHttpClient({
    baseUrl: 'http://wegent.test',
    getAccessToken: () => 'token',
    fetch: async (input, init) => {
      requests.push(new Request(input, init));
      return json(200, { ok: true });
    },
  });
  const answer = await http.request('POST', '/api/v1/x', {
    query: { a: 1, b: undefined, c: ['d', 'e'] },
    body: { f: 1 },
  });
  expect(answer).toEqual({ ok: true });
  expect(requests[0]?.url).toBe('http://wegent.test/api/v1/x?a=1&c=d&c=e');
  expect(requests[0]?.headers.get('authorization')).toBe('Bearer token');
  expect(await requests[0]?.json()).toEqual({ f: 1 });
});

test('one renewal serves all requests that were refused, and they are repeated', async () => {
  let token = 'old';
  let renewals = 0;
  const http = createHttpClient({
    baseUrl: 'http://wegent.test',
    getAccessToken: () => token,
    refresh: async () => {
      renewals += 1;
      await Promise.resolve();
      token = 'new';
      return token;
    },
    fetch: async (_input, init) =>
      new Headers(init?.headers).get('authorization') === 'Bearer new' ? json(200, 1) : json(401, {}),
  });
  expect(
    await Promise.all([http.request('GET', '/a'), http.request('GET', '/b'), http.request('GET', '/c')]),
  ).toEqual([1, 1, 1]);
  expect(renewals).toBe(1);
});

test('a refusal becomes the ApiError that was sent', async () => {
  const status = new ApiError('Invalid', 'wrong', {
    details: { causes: [{ reason: 'X', field: 'spec.a', message: 'm' }] },
  });
  const http = createHttpClient({ baseUrl: '', fetch: async () => json(422, status.toStatus()) });
  await expect(http.request('GET', '/a')).rejects.toMatchObject({
    reason: 'Invalid',
    details: status.details,
  });
});

test('a refusal by something before the server is told by its code', async () => {
  const http = createHttpClient({
    baseUrl: '',
    fetch: async () => new Response('<html>', { status: 429, headers: { 'retry-after': '7' } }),
  });
  await expect(http.request('GET', '/a')).rejects.toMatchObject({
    reason: 'TooManyRequests',
    details: { retryAfterSeconds: 7 },
  });
});

test('a server that cannot be reached is ServiceUnavailable with its cause', async () => {
  const cause = new TypeError('fetch failed');
  const http = createHttpClient({ baseUrl: '', fetch: () => Promise.reject(cause) });
  await expect(http.request('GET', '/a')).rejects.toMatchObject({ reason: 'ServiceUnavailable', cause });
});
