import { ApiError } from '@wegent/api';
import { expect, test } from 'vitest';
import { followOutput } from './follow-output.ts';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function broken(...parts: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      for (const part of parts) controller.enqueue(new TextEncoder().encode(part));
    },
    pull(controller) {
      controller.error(new TypeError('network error'));
    },
  });
}

test('a broken connection is made again, an end is the end', async () => {
  const seen: string[] = [];
  const answers = [() => broken('one'), () => new Response('two').body];
  await followOutput({
    connect: async () => {
      const answer = answers.shift();
      if (!answer) throw new Error('asked once too often');
      return answer();
    },
    onBytes: (bytes) => seen.push(text(bytes)),
    onConnected: (again) => seen.push(again ? 'again' : 'first'),
    onLost: () => seen.push('lost'),
    signal: new AbortController().signal,
  });
  expect(seen.filter((entry) => entry !== 'one')).toEqual(['first', 'lost', 'again', 'two']);
});

test('a terminal that is gone is over, a refusal is told', async () => {
  const options = {
    onBytes: () => undefined,
    onConnected: () => undefined,
    onLost: () => undefined,
    signal: new AbortController().signal,
  };
  const refuse = (reason: 'NotFound' | 'Forbidden') => () => Promise.reject(new ApiError(reason, reason));
  await expect(followOutput({ ...options, connect: refuse('NotFound') })).resolves.toBeUndefined();
  await expect(followOutput({ ...options, connect: refuse('Forbidden') })).rejects.toThrow('Forbidden');
});
