import { expect, test } from 'vitest';
import { callRaw, callSocket, modelAt, specOf, startGateway, startServer } from './gateway-harness.ts';

const ASK = { json: { model: 'simulator', messages: [] } };

test('in a sandbox that was adopted, runs whose pass is not there yet are told to come again', async () => {
  let calls = 0;
  await using server = await startServer((_request, response) => {
    calls++;
    response.end('{}');
  });
  await using host = await startGateway();
  const sandbox = await host.sandbox('one');
  await host.gateway.open({ socketPath: sandbox.socketPath, adopted: true });
  const token = 'a token of the manager before';
  const asked = callSocket(sandbox.socketPath, '/model/v1/messages', {
    ...ASK,
    headers: { 'x-wegent-run': token },
  });
  const tunnel = callRaw(
    sandbox.socketPath,
    `CONNECT example.org:443 HTTP/1.1\r\nhost: x\r\nx-wegent-run: ${token}\r\n\r\n`,
  );
  // They wait for the next attempt, and hear of it at once.
  const pass = sandbox.admit(specOf({ model: modelAt(server.url) }));
  const answer = await asked;
  expect(answer.status).toBe(503);
  expect(answer.headers['retry-after']).toBe('1');
  // The executor does not tell the agent, and asks again by itself.
  expect(answer.headers['x-wegent-later']).toBe('1');
  expect(await tunnel).toMatch(/^HTTP\/1\.1 503 /);
  expect(calls).toBe(0);
  expect((await pass.call('/model/v1/messages', ASK)).status).toBe(200);
  expect(calls).toBe(1);
});
