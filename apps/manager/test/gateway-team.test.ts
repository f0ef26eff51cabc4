import { DelegationInterrupted } from '@wegent/engine';
import { expect, test } from 'vitest';
import { specForExecutor } from '../src/sandboxes/executor-spec.ts';
import { specOf, startGateway } from './gateway-harness.ts';

const TEAM = { members: [{ name: 'ben', description: 'Looks.' }], parallel: 4 };
const rpc = (method: string, params: object = {}) => ({ json: { jsonrpc: '2.0', id: 1, method, params } });
const call = (name: string, input: unknown) => rpc('tools/call', { name, arguments: input });

test('a leader in a sandbox finds its Team as an MCP server with the tool delegate', async () => {
  await using host = await startGateway();
  const { admit } = await host.sandbox('one');
  const asked: object[] = [];
  const pass = admit(specOf({ team: TEAM }), {}, async (request) => {
    asked.push(request);
    if (request.member !== 'ben') throw new Error('There is no such member.');
    return 'found it';
  });
  const begun = JSON.parse(
    await (await pass.call('/mcp/team/', rpc('initialize', { protocolVersion: '2025-03-26' }))).text(),
  );
  expect(begun.result).toMatchObject({ protocolVersion: '2025-03-26', capabilities: { tools: {} } });
  const told = await pass.call('/mcp/team/', {
    json: { jsonrpc: '2.0', method: 'notifications/initialized' },
  });
  expect([told.status, await told.text()]).toEqual([202, '']);
  const { result } = JSON.parse(await (await pass.call('/mcp/team/', rpc('tools/list'))).text());
  expect(result.tools).toMatchObject([
    {
      name: 'delegate',
      inputSchema: { properties: { member: { enum: ['ben'] } }, required: ['member', 'instruction'] },
    },
  ]);
  const resultOf = async (member: string) => {
    const answer = await pass.call('/mcp/team/', call('delegate', { member, instruction: 'Look.' }));
    expect(answer.headers['content-type']).toBe('text/event-stream');
    return JSON.parse(/^data: (.*)$/m.exec(await answer.text())?.[1] ?? '').result;
  };
  expect(await resultOf('ben')).toEqual({ content: [{ type: 'text', text: 'found it' }] });
  expect(await resultOf('dora')).toEqual({
    content: [{ type: 'text', text: 'There is no such member.' }],
    isError: true,
  });
  expect(asked).toHaveLength(2);
});

test('work whose leader changes hands has no answer: the connection breaks, and is not an answer cut short', async () => {
  await using host = await startGateway();
  const { admit } = await host.sandbox('one');
  const pass = admit(specOf({ team: TEAM }), {}, () =>
    Promise.reject(new DelegationInterrupted(new Error('lost'))),
  );
  const answer = await pass.call('/mcp/team', call('delegate', { member: 'ben', instruction: 'Look.' }));
  expect(answer.status).toBe(200);
  await expect(answer.text()).rejects.toThrow();
});

test('what is no such call does nothing, and says what was wanted', async () => {
  await using host = await startGateway();
  const { admit } = await host.sandbox('one');
  const pass = admit(specOf({ team: TEAM }), {}, () => Promise.reject(new Error('called')));
  const errorOf = async (given: Parameters<typeof pass.call>[1]) =>
    JSON.parse(await (await pass.call('/mcp/team/', given)).text()).error.code;
  expect(await errorOf(call('delegate', { member: 'ben' }))).toBe(-32602);
  expect(await errorOf(call('delegate', { member: 1, instruction: [] }))).toBe(-32602);
  expect(await errorOf(call('other', { member: 'ben', instruction: 'x' }))).toBe(-32602);
  expect(await errorOf(rpc('resources/list'))).toBe(-32601);
  expect(await errorOf({ json: [] })).toBe(-32700);
  expect((await pass.call('/mcp/team/', { method: 'GET' })).status).toBe(405);
  const tooLong = await pass.call('/mcp/team/', { json: { x: 'x'.repeat(3 * 1024 * 1024) } });
  expect(tooLong.status).toBe(413);
});

test('a run that leads nobody has no Team, whatever it asks for', async () => {
  await using host = await startGateway();
  const { admit } = await host.sandbox('one');
  const pass = admit(specOf({}));
  expect((await pass.call('/mcp/team/', call('delegate', { member: 'ben', instruction: 'x' }))).status).toBe(
    404,
  );
  expect(specForExecutor(specOf({})).mcpServers).not.toHaveProperty('team');
  expect(specForExecutor(specOf({ team: TEAM })).mcpServers.team).toMatchObject({
    url: 'http://gateway/mcp/team',
  });
});
