import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ghost, startResourceServer } from './support/resource-server.ts';

const GHOSTS = '/apis/agent.wecode.io/v1/namespaces/bob/ghosts';

let server: Awaited<ReturnType<typeof startResourceServer>>;
let origin: string;
beforeAll(async () => {
  server = await startResourceServer();
  origin = await server.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => server?.[Symbol.asyncDispose]());

// What client libraries in the wild send, as it was seen on the wire.
describe('habits of client libraries', () => {
  it('takes a deletion that announces JSON and sends nothing, but no such write', async () => {
    await server.call('POST', GHOSTS, { body: ghost('python') });
    expect((await empty('DELETE', `${GHOSTS}/python`)).status).toBe(200);
    expect((await empty('DELETE', `${GHOSTS}?labelSelector=nothing=has`)).status).toBe(200);
    expect((await server.call('GET', `${GHOSTS}/python`)).status).toBe(404);
    const post = await empty('POST', GHOSTS);
    expect([post.status, await post.json()]).toMatchObject([400, { kind: 'Status', reason: 'BadRequest' }]);
  });

  it('takes no prototype from a body', async () => {
    const response = await fetch(origin + GHOSTS, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"metadata":{"name":"p"},"spec":{"systemPrompt":"x"},"__proto__":{"polluted":true}}',
    });
    expect(response.status).toBe(400);
  });

  it('lists and deletes a collection to its end, beyond one page', async () => {
    const names = Array.from({ length: 501 }, (_, index) => `many-${index}`);
    const applied = await server.call('POST', '/api/v1/namespaces/bob/apply', {
      body: names.map((name) => ghost(name, { metadata: { labels: { many: 'yes' } } })),
    });
    expect(applied.status).toBe(200);
    const deleted = await server.call('DELETE', `${GHOSTS}?labelSelector=many=yes&dryRun=All`);
    expect([deleted.status, deleted.body.kind, deleted.body.items.length]).toEqual([200, 'GhostList', 501]);
    // Who asks for no limit does not expect that there is more.
    for (const all of ['', '&limit=0', '&resourceVersion=0']) {
      const { items, metadata } = (await server.call('GET', `${GHOSTS}?labelSelector=many=yes${all}`)).body;
      expect([items.length, metadata.continue, metadata.remainingItemCount]).toEqual([
        501,
        undefined,
        undefined,
      ]);
    }
    const page = (await server.call('GET', `${GHOSTS}?labelSelector=many=yes&limit=10000`)).body;
    expect(page.items).toHaveLength(500);
    const rest = await server.call(
      'GET',
      `${GHOSTS}?labelSelector=many=yes&continue=${page.metadata.continue}`,
    );
    expect(rest.body.items).toHaveLength(1);
  });

  it('deletes a collection twice at once, and nothing else', async () => {
    for (const name of ['twice-1', 'twice-2', 'twice-3'])
      await server.call('POST', GHOSTS, { body: ghost(name, { metadata: { labels: { twice: 'yes' } } }) });
    await server.call('POST', GHOSTS, { body: ghost('other') });
    const once = () => server.call('DELETE', `${GHOSTS}?labelSelector=twice=yes`);
    expect((await Promise.all([once(), once()])).map(({ status }) => status)).toEqual([200, 200]);
    expect((await server.call('GET', `${GHOSTS}?labelSelector=twice=yes`)).body.items).toEqual([]);
    expect((await server.call('GET', `${GHOSTS}/other`)).status).toBe(200);
  });

  it('leaves out what exists of a watch that says so', async () => {
    await server.call('POST', GHOSTS, { body: ghost('silent') });
    const watch = (more: string) =>
      fetch(`${origin}${GHOSTS}?watch=1&timeoutSeconds=1&resourceVersionMatch=NotOlderThan${more}`).then(
        (response) => response.text(),
      );
    expect(await watch('&sendInitialEvents=false')).toBe('');
    expect(await watch('&sendInitialEvents=true')).toContain('"silent"');
  });
});

function empty(method: string, path: string): Promise<Response> {
  return fetch(origin + path, { method, headers: { 'content-type': 'application/json' } });
}
