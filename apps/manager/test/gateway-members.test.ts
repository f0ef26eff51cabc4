import type { SpecMember } from '@wegent/api';
import { expect, test } from 'vitest';
import { KEY, modelAt, specOf, startGateway, startServer } from './gateway-harness.ts';

const OTHER = 'other-key-0123456789abcdef';

/** Two models and an MCP server of the old kind, which say what they were asked. */
async function startServers() {
  const seen: { url: string | undefined; authorization: string | undefined; model: unknown }[] = [];
  const server = await startServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { authorization } = request.headers;
    seen.push({ url: request.url, authorization, model: body === '' ? undefined : JSON.parse(body).model });
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      return void response.end('event: endpoint\ndata: /messages?session=1\n\n');
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    const usage = { prompt_tokens: 1_000_000, completion_tokens: 0, total_tokens: 1_000_000 };
    response.end(JSON.stringify({ choices: [], usage, echo: [KEY, OTHER] }));
  });
  return { server, seen };
}

function member(name: string, url: string): SpecMember {
  return {
    ...{ name, description: '', bot: { name: 'bot', namespace: 'default' }, systemPrompt: '', approvals: [] },
    model: modelAt(`${url}/${name}/v1`, {
      ...{ name: `of-member`, protocol: 'openai-chat', modelId: `${name}-1`, apiKey: OTHER },
      pricing: { input: 1, output: 1 },
    }),
    mcpServers: {
      tools: { type: 'sse', url: `${url}/${name}/sse`, headers: { authorization: `Bearer of-${name}` } },
    },
  };
}

const askFor = (model: string) => ({ json: { model, messages: [] } });
const MODEL = 'model/v1/chat/completions';

test('a member reaches its own Model and servers with its own keys, and what it uses is its own', async () => {
  const { server, seen } = await startServers();
  await using _server = server;
  await using host = await startGateway();
  const { admit } = await host.sandbox('one');
  const pass = admit(
    specOf({
      model: modelAt(`${server.url}/lead/v1`, { protocol: 'openai-chat', modelId: 'lead-1' }),
      mcpServers: { tools: { type: 'http', url: `${server.url}/lead/mcp` } },
      nativeTeam: {
        ...{ mode: 'coordinate', rounds: 1, limits: { parallel: 2, delegations: 2, costUsd: 2 } },
        members: [member('ben', server.url), member('name / of cleo', server.url)],
      },
    }),
  );
  expect((await pass.call(`/${MODEL}`, askFor('lead-1'))).status).toBe(200);
  const answer = await pass.call(`/members/0/${MODEL}`, askFor('ben-1'));
  // No key of anybody's comes back: that of the member is masked in what its model says.
  expect([answer.status, (await answer.text()).includes(OTHER)]).toEqual([200, false]);
  expect(seen).toEqual([
    { url: '/lead/v1/chat/completions', authorization: `Bearer ${KEY}`, model: 'lead-1' },
    { url: '/ben/v1/chat/completions', authorization: `Bearer ${OTHER}`, model: 'ben-1' },
  ]);
  expect(pass.usages.map((usage) => [usage.member, usage.inputTokens, usage.costUsd])).toEqual([
    [undefined, 1_000_000, null],
    ['ben', 1_000_000, 1],
  ]);

  // One does not reach what is another's, and a member is no leader, has no members, files or git.
  expect((await pass.call(`/${MODEL}`, askFor('ben-1'))).status).toBe(403);
  expect((await pass.call(`/members/0/${MODEL}`, askFor('lead-1'))).status).toBe(403);
  for (const path of ['2/model', '-1/model', 'ben/model', '0/members/1/model', '0/git', '0/blobs/x', '', '0'])
    expect((await pass.call(`/members/${path}`, askFor('ben-1'))).status, path).toBe(404);
  expect((await pass.call('/members/0/mcp/team', { json: {} })).status).toBe(404);

  const events = await pass.call('/members/0/mcp/tools/');
  const [, endpoint = ''] = /data: (.+)/.exec(await events.text()) ?? [];
  expect(endpoint).toMatch(/^\/members\/0\/mcp\/tools\/endpoint\//);
  expect((await pass.call(endpoint, { json: { jsonrpc: '2.0' } })).status).toBe(200);
  expect(seen.slice(-2)).toMatchObject([
    { url: '/ben/sse', authorization: 'Bearer of-ben' },
    { url: '/messages?session=1', authorization: 'Bearer of-ben' },
  ]);
});

test('members stop when the turn has cost what the Team may spend; the leader may still answer', async () => {
  const { server } = await startServers();
  await using _server = server;
  await using host = await startGateway();
  const { admit } = await host.sandbox('one');
  const pass = admit(
    specOf({
      model: modelAt(`${server.url}/lead/v1`, { protocol: 'openai-chat', modelId: 'lead-1' }),
      nativeTeam: {
        ...{ mode: 'coordinate', rounds: 1, limits: { parallel: 2, delegations: 9, costUsd: 2 } },
        members: [member('ben', server.url)],
      },
    }),
  );
  for (let call = 0; call < 2; call++) await (await pass.call(`/members/0/${MODEL}`, askFor('ben-1'))).text();
  const refused = await pass.call(`/members/0/${MODEL}`, askFor('ben-1'));
  expect([refused.status, await refused.text()]).toEqual([
    402,
    'This turn has cost $2.0000, and the Team may spend $2 on one (limits.costUsd).\n',
  ]);
  expect((await pass.call(`/${MODEL}`, askFor('lead-1'))).status).toBe(200);
  expect(pass.usage().costUsd).toBe(2);
});
