import { expect, test } from 'vitest';
import { startChatServer } from './support/chat-server.ts';

test('ordinary use over HTTP is no flood; a flood is told to wait and harms nobody else', async () => {
  await using server = await startChatServer();
  const bob = await server.newPerson('bob');
  const eve = await server.newPerson('eve');
  const ask = () => bob.call('GET', '/api/v1/users/me');

  const ordinary = await Promise.all(Array.from({ length: 400 }, ask));
  expect(ordinary.filter(({ status }) => status !== 200)).toEqual([]);

  const flood = await Promise.all(Array.from({ length: 8 }, () => floodUntilRefused(ask)));
  for (const refused of flood) {
    expect(refused).toMatchObject({ status: 429, body: { kind: 'Status', reason: 'TooManyRequests' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect((await eve.call('GET', '/api/v1/users/me')).status).toBe(200);
  expect((await server.call('GET', '/livez')).status).toBe(200);
  await expect.poll(async () => (await ask()).status, { timeout: 20_000, interval: 250 }).toBe(200);
});

async function floodUntilRefused<Answer extends { status: number }>(
  ask: () => Promise<Answer>,
): Promise<Answer> {
  for (let sent = 0; sent < 20_000; sent += 25) {
    const answers = await Promise.all(Array.from({ length: 25 }, ask));
    const refused = answers.find(({ status }) => status === 429);
    if (refused) return refused;
  }
  throw new Error('20,000 requests and no refusal');
}
