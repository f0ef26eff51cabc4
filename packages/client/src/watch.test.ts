import { ApiError } from '@wegent/api';
import { expect, test } from 'vitest';
import { createHttpClient } from './http.ts';
import { type WatchEvent, watch } from './watch.ts';

const object = (name: string, resourceVersion: string) => ({
  apiVersion: 'agent.wecode.io/v1',
  kind: 'Ghost',
  metadata: { name, namespace: 'default', resourceVersion },
  spec: {},
});
const line = (type: string, value: unknown) => `${JSON.stringify({ type, object: value })}\n`;

test('goes on where a broken watch ended, and lists again when the changes are gone', async () => {
  const expired = new ApiError('Expired', 'too old').toStatus();
  const answers = [
    // One line in two pieces, as networks deliver it.
    [
      line('ADDED', object('a', '5')).slice(0, 20),
      line('ADDED', object('a', '5')).slice(20) + line('BOOKMARK', object('', '7')),
    ],
    [line('ERROR', expired)],
    [line('MODIFIED', object('a', '12'))],
  ];
  const asked: (string | null)[] = [];
  const http = createHttpClient({
    baseUrl: 'http://wegent.test',
    fetch: async (input) => {
      asked.push(new URL(String(input)).searchParams.get('resourceVersion'));
      return new Response(streamOf(answers.shift() ?? []));
    },
  });
  const events: WatchEvent[] = [];
  const stop = new AbortController();
  await watch({
    http,
    path: '/api/v1/ghosts',
    resourceVersion: '3',
    onEvent: (event) => {
      events.push(event);
      if (event.type === 'MODIFIED') stop.abort();
    },
    onExpired: async () => '10',
    signal: stop.signal,
  });
  expect(asked).toEqual(['3', '7', '10']);
  expect(events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED']);
});

test('ends when the server refuses for good', async () => {
  const http = createHttpClient({ baseUrl: '', fetch: async () => new Response('', { status: 403 }) });
  const watching = watch({
    http,
    path: '/api/v1/ghosts',
    resourceVersion: '3',
    onEvent: () => undefined,
    onExpired: async () => '1',
    signal: new AbortController().signal,
  });
  await expect(watching).rejects.toMatchObject({ reason: 'Forbidden' });
});

function streamOf(parts: readonly string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(new TextEncoder().encode(part));
      controller.close();
    },
  });
}
