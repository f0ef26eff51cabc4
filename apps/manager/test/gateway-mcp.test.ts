import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { KEY, specOf, startGateway, startServer } from './gateway-harness.ts';

test('messages reach the server with the headers of the Ghost, and nothing else of the sandbox', async () => {
  const seen: { method: string | undefined; url: string | undefined; headers: object; body: string }[] = [];
  await using server = await startServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    seen.push({ method: request.method, url: request.url, headers: request.headers, body });
    response.writeHead(200, {
      'content-type': 'application/json',
      'mcp-session-id': 's-1',
      'set-cookie': `k=${KEY}`,
    });
    response.end(`{"echo":"${KEY}"}`);
  });
  await using host = await startGateway();
  const { admit } = await host.sandbox('one');
  const pass = admit(
    specOf({
      mcpServers: {
        tools: {
          type: 'http',
          url: `${server.url}/mcp?tenant=7`,
          headers: { Authorization: `Bearer ${KEY}`, 'X-Team': 'blue' },
        },
        local: { command: 'true' },
      },
    }),
  );
  const answer = await pass.call('/mcp/tools/?tenant=8', {
    json: { jsonrpc: '2.0' },
    headers: {
      authorization: 'Bearer own',
      'mcp-session-id': 's-1',
      'mcp-protocol-version': '2025-06-18',
      cookie: 'a=b',
    },
  });
  expect([answer.status, await answer.text()]).toEqual([200, `{"echo":"${'*'.repeat(KEY.length)}"}`]);
  expect(answer.headers['mcp-session-id']).toBe('s-1');
  expect(answer.headers).not.toHaveProperty('set-cookie');
  expect(seen).toEqual([
    {
      method: 'POST',
      url: '/mcp?tenant=7',
      body: '{"jsonrpc":"2.0"}',
      headers: expect.objectContaining({
        authorization: `Bearer ${KEY}`,
        'x-team': 'blue',
        'mcp-session-id': 's-1',
        'mcp-protocol-version': '2025-06-18',
      }),
    },
  ]);
  expect(JSON.stringify(seen)).not.toMatch(/cookie|x-wegent/);
  expect((await pass.call('/mcp/tools', { method: 'DELETE' })).status).toBe(200);
  for (const path of [
    '/mcp/tools/admin',
    '/mcp/tools/endpoint/guess',
    '/mcp/local',
    '/mcp/other',
    '/mcp/constructor',
    '/mcp',
  ])
    expect((await pass.call(path)).status).toBe(404);
  expect((await pass.call('/mcp/tools', { method: 'PUT', body: 'x' })).status).toBe(405);
  expect(seen).toHaveLength(2);
});

test('private addresses need OUTBOUND_ALLOW, and no redirect is followed', async () => {
  let calls = 0;
  await using server = await startServer((_request, response) => {
    calls++;
    response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end();
  });
  await using host = await startGateway();
  const { admit } = await host.sandbox('one');
  const mcpServers = { tools: { type: 'http' as const, url: server.url } };
  const refused = await admit(specOf({ mcpServers, outboundAllow: [] })).call('/mcp/tools', { json: {} });
  expect([refused.status, await refused.text()]).toEqual([
    403,
    expect.stringContaining('OUTBOUND_ALLOW=127.0.0.1:'),
  ]);
  expect(calls).toBe(0);
  const moved = await admit(specOf({ mcpServers })).call('/mcp/tools', { json: {} });
  expect([moved.status, await moved.text()]).toEqual([502, expect.stringContaining('elsewhere')]);
});

test('a server of the older kind names where it takes messages, on itself only', async () => {
  const streams: ServerResponse[] = [];
  const posted: (string | undefined)[] = [];
  let endpoint = '/messages?sessionId=abc';
  await using server = await startServer((request, response) => {
    if (request.method === 'POST') {
      posted.push(request.url);
      response.writeHead(202).end();
      return;
    }
    streams.push(response);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`event: endpoint\ndata: ${endpoint}\n\n`);
  });
  await using host = await startGateway();
  const { admit } = await host.sandbox('one');
  const pass = admit(specOf({ mcpServers: { old: { type: 'sse', url: `${server.url}/sse` } } }));
  const stream = await pass.call('/mcp/old');
  const [first] = (await once(stream.incoming, 'data')) as [Buffer];
  const path =
    /^event: endpoint\ndata: (\/mcp\/old\/endpoint\/[\w-]+)\n\n$/.exec(first.toString())?.[1] ?? '';
  expect((await pass.call(path, { json: {} })).status).toBe(202);
  expect(posted).toEqual(['/messages?sessionId=abc']);
  streams[0]?.write('event: message\ndata: {"ok":"ä"}\n\n');
  const [second] = (await once(stream.incoming, 'data')) as [Buffer];
  expect(second.toString()).toBe('event: message\ndata: {"ok":"ä"}\n\n');

  endpoint = 'http://169.254.169.254/latest';
  const elsewhere = await pass.call('/mcp/old');
  await expect(elsewhere.text()).rejects.toThrow(/aborted/);
});
