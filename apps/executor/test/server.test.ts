import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder, waitFor } from '@wegent/testing';
import { describe, expect, test } from 'vitest';
import { createGatewayPort } from '../src/gateway/gateway-port.ts';
import { RUN_TOKEN, readAll, send, startHarness } from './harness.ts';
import { startStandInGateway } from './stand-in-gateway.ts';

describe('requests', () => {
  test('need the token, have limits, and are refused with a Status', async () => {
    await using harness = await startHarness();
    for (const authorization of ['', 'Bearer', 'Bearer wrong', 'Basic x', `Bearer ${RUN_TOKEN}`]) {
      for (const path of ['/healthz', '/v1/files', '/nope']) {
        const answer = await harness.call('GET', path, undefined, { authorization });
        expect(answer.status).toBe(401);
        expect(answer.json).toMatchObject({ kind: 'Status', reason: 'Unauthorized', code: 401 });
      }
    }
    const { status: code, json } = await harness.call('GET', '/nope');
    expect([code, json.reason]).toEqual([404, 'NotFound']);
    expect((await harness.call('DELETE', '/v1/turns')).status).toBe(405);
    expect((await harness.call('POST', '/v1/turns', Buffer.from('{'))).status).toBe(400);
    const wrong = await harness.call('POST', '/v1/turns', { turnId: 'x' });
    expect(wrong.status).toBe(422);
    expect(wrong.json.details.causes.map((cause: { field: string }) => cause.field)).toContain('attempt');
    expect((await harness.startTurn('../evil')).status).toBe(422);
    expect(
      (await harness.call('POST', '/v1/git/commit', { message: 'x', author: { name: 'A\nB', email: 'a@b' } }))
        .status,
    ).toBe(422);
    expect((await harness.call('GET', '/v1/changes')).status).toBe(404);
    expect((await harness.call('GET', '/v1/turns/nope/events')).status).toBe(404);
    const large = await harness.call('POST', '/v1/terminals/x/input', Buffer.alloc(100_000));
    expect(large.status).toBe(413);
  });

  test('that never come end the executor, but not while somebody reads', async () => {
    const orphaned = Promise.withResolvers<number>();
    await using harness = await startHarness({
      orphanMs: 300,
      onOrphaned: () => orphaned.resolve(Date.now()),
    });
    const go = Promise.withResolvers<void>();
    harness.script = () => go.promise;
    await harness.startTurn('t1');
    const reader = harness.finished('t1');
    // What carries no token is nobody.
    const knocking = setInterval(() => {
      send({
        socketPath: harness.socketPath,
        method: 'GET',
        path: '/healthz',
        headers: { authorization: 'x' },
      })
        .then((answer) => answer.resume())
        .catch(() => {});
    }, 50);
    const early = await Promise.race([orphaned.promise, new Promise((resolve) => setTimeout(resolve, 900))]);
    expect(early).toBeUndefined();
    const ended = Date.now();
    go.resolve();
    await reader;
    expect((await orphaned.promise) - ended).toBeGreaterThanOrEqual(250);
    clearInterval(knocking);
  });
});

describe('a gateway port', () => {
  async function start() {
    const folder = await temporaryFolder();
    const gateway = await startStandInGateway(join(folder.path, 'gateway.sock'));
    gateway.tokens.add(RUN_TOKEN);
    const port = await createGatewayPort(join(folder.path, 'gateway.sock'), { waitMs: 2_000 });
    return {
      folder,
      gateway,
      port,
      async [Symbol.asyncDispose]() {
        await port.close();
        await gateway[Symbol.asyncDispose]();
        await folder[Symbol.asyncDispose]();
      },
    };
  }

  test('adds the token, whatever the client says, and is closed without one', async () => {
    await using started = await start();
    const { gateway, port } = started;
    gateway.blobs.set('x', Buffer.from('bytes'));
    expect((await fetch(`${port.url}/blobs/x`)).status).toBe(403);
    expect(gateway.seen).toEqual([]);
    port.setToken(RUN_TOKEN);
    expect(await (await fetch(`${port.url}/blobs/x`)).text()).toBe('bytes');
    expect((await fetch(`${port.url}/blobs/x`, { headers: { 'x-wegent-run': 'mine' } })).status).toBe(200);
    port.setToken('another');
    expect((await fetch(`${port.url}/blobs/x`)).status).toBe(403);
    port.setToken(undefined);
    const before = gateway.seen.length;
    expect((await fetch(`${port.url}/blobs/x`)).status).toBe(403);
    expect(gateway.seen.length).toBe(before);
  });

  test('passes CONNECT on, and ends what is open when the run ends', async () => {
    await using started = await start();
    const { gateway, port } = started;
    const upstream = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    const address = upstream.address();
    const target = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const refused = connect(port.port, '127.0.0.1');
    refused.write(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n\r\n`);
    expect((await readAll(refused)).toString()).toContain('403');
    port.setToken(RUN_TOKEN);
    const client = connect(port.port, '127.0.0.1');
    let text = '';
    client.on('data', (chunk) => {
      text += chunk;
    });
    client.write(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\nx-wegent-run: forged\r\n\r\n`);
    await waitFor(() => text.includes('200 OK'), { what: 'the tunnel' });
    client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await waitFor(() => text.includes('hello'), { what: 'the answer' });
    const closed = once(client, 'close');
    port.setToken(undefined);
    await closed;
    expect(gateway.seen).toEqual([`CONNECT ${target}`]);
    upstream.close();
    upstream.closeAllConnections();
  });

  test('waits for a manager that comes back', async () => {
    await using started = await start();
    const { folder, gateway, port } = started;
    port.setToken(RUN_TOKEN);
    await gateway[Symbol.asyncDispose]();
    const asked = fetch(`${port.url}/blobs/x`);
    const next = await startStandInGateway(join(folder.path, 'gateway.sock'));
    next.tokens.add(RUN_TOKEN);
    next.blobs.set('x', Buffer.from('from the next'));
    expect(await (await asked).text()).toBe('from the next');
    await next[Symbol.asyncDispose]();
    expect((await fetch(`${port.url}/blobs/x`)).status).toBe(503);
  });
});
