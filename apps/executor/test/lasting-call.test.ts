import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { GATEWAY_LATER_HEADER, GATEWAY_TOKEN_HEADER } from '@wegent/api';
import { temporaryFolder, waitFor } from '@wegent/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createGatewayPort, type GatewayPort } from '../src/gateway/gateway-port.ts';

const JSON_HEAD = { 'content-type': 'application/json' };
const MODEL = '/model/v1/messages';
const TEAM = '/mcp/team';
let resources: AsyncDisposableStack;
let socketPath: string;
let port: GatewayPort;

beforeEach(async () => {
  resources = new AsyncDisposableStack();
  socketPath = path.join(resources.use(await temporaryFolder()).path, 'gateway.sock');
  port = await createGatewayPort(socketPath, { waitMs: 100 });
  resources.defer(() => port.close());
  port.setToken('first');
});
afterEach(() => resources.disposeAsync());

interface Seen {
  token: string | undefined;
  path: string | undefined;
  body: string;
}

/** A gateway that answers as it is told, and notes what it was sent. */
async function startGateway(
  answer: (seen: Seen, response: ServerResponse) => void,
): Promise<{ seen: Seen[]; end: () => Promise<void> }> {
  const seen: Seen[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const token = request.headers[GATEWAY_TOKEN_HEADER];
    const one = { token: typeof token === 'string' ? token : undefined, path: request.url, body };
    seen.push(one);
    answer(one, response);
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const end = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  resources.defer(() => (server.listening ? end() : undefined));
  return { seen, end };
}

function post(place: string, body = '{"ask":"me"}', signal?: AbortSignal): Promise<Response> {
  return fetch(`${port.url}${place}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    ...(signal ? { signal } : {}),
  });
}

const turnAway = (response: ServerResponse) =>
  response.writeHead(503, { [GATEWAY_LATER_HEADER]: '1', 'retry-after': '1' }).end('later');

test('a question to the model waits for a manager, and for the one that takes the run over', async () => {
  const asked = post(MODEL);
  await delay(300);
  const { seen } = await startGateway(({ token }, response) => {
    if (token === 'second') response.writeHead(200, JSON_HEAD).end('{"said":"yes"}');
    else turnAway(response);
  });
  await waitFor(() => seen.length > 0, { what: 'the question' });
  port.setToken('second');
  const answer = await asked;
  expect([answer.status, await answer.json()]).toEqual([200, { said: 'yes' }]);
  expect(new Set(seen.map(({ body }) => body))).toEqual(new Set(['{"ask":"me"}']));
  expect(seen.at(-1)?.token).toBe('second');
});

test('what the model itself refuses, or breaks off, is asked once', async () => {
  const { seen } = await startGateway((_seen, response) => {
    if (seen.length === 1) response.writeHead(503, JSON_HEAD).end('{"type":"overloaded"}');
    else response.destroy();
  });
  const refused = await post(MODEL);
  expect([refused.status, await refused.json()]).toEqual([503, { type: 'overloaded' }]);
  expect((await post(MODEL)).status).toBe(503);
  expect(seen).toHaveLength(2);
});

test('a message for the Team is sent again when its answer breaks off, and has one whole answer', async () => {
  port.setLeads(true);
  const result = 'event: message\ndata: {"jsonrpc":"2.0","id":1,"result":"found"}\n\n';
  const first = await startGateway((_seen, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': at work\n\nevent: message\ndata: {"jsonrpc":"2.');
  });
  const asked = post(TEAM);
  const answer = await asked;
  await first.end();
  await delay(300);
  const second = await startGateway(({ token }, response) => {
    if (token === 'first') return void turnAway(response);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(result);
  });
  await waitFor(() => second.seen.length > 0, { what: 'the message to come again' });
  port.setToken('second');
  expect(await answer.text()).toBe(`: at work\n\n${result}`);
  expect(second.seen.at(-1)).toEqual(first.seen[0] && { ...first.seen[0], token: 'second' });
});

test('what a Team answers at once is passed on as it is', async () => {
  port.setLeads(true);
  await startGateway(({ body }, response) => {
    if (body === 'note') response.writeHead(202).end();
    else response.writeHead(200, JSON_HEAD).end('{"result":{}}');
  });
  const answer = await post('/mcp/team/');
  expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
    200,
    'application/json',
    '{"result":{}}',
  ]);
  expect((await post(TEAM, 'note')).status).toBe(202);
});

test('an MCP server of the Ghost that is called so is no Team: nothing is sent twice', async () => {
  const { seen } = await startGateway((_seen, response) => response.destroy());
  expect((await post(TEAM)).status).toBe(503);
  expect(seen).toHaveLength(1);
});

test('when the run is over nothing is sent any more', async () => {
  port.setLeads(true);
  const { seen } = await startGateway((_seen, response) => turnAway(response));
  const asked = Promise.all([post(MODEL), post(TEAM)]);
  await waitFor(() => seen.length >= 2, { what: 'both' });
  port.setToken(undefined);
  expect((await asked).map(({ status }) => status)).toEqual([403, 403]);
  const count = seen.length;
  await delay(1_500);
  expect(seen).toHaveLength(count);
});

test('who has gone away is not asked for any more', async () => {
  port.setLeads(true);
  const { seen } = await startGateway((_seen, response) => turnAway(response));
  const gone = new AbortController();
  const asked = post(TEAM, 'x', gone.signal).catch(() => 'gone');
  await waitFor(() => seen.length > 0, { what: 'the message' });
  gone.abort();
  expect(await asked).toBe('gone');
  const count = seen.length;
  await delay(2_500);
  expect(seen.length).toBeLessThanOrEqual(count + 1);
});

test('more than the gateway takes is refused at once', async () => {
  const { seen } = await startGateway((_seen, response) => response.end());
  expect((await post(MODEL, 'x'.repeat(33 * 1024 * 1024)).catch(() => undefined))?.status ?? 413).toBe(413);
  expect(seen).toEqual([]);
});
