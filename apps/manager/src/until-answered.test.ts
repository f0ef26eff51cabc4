import { ApiError } from '@wegent/api';
import { expect, test } from 'vitest';
import { untilAnswered } from './until-answered.ts';

const away = () => Promise.reject(new ApiError('ServiceUnavailable', 'away'));

test('asks a server that is away until it answers', async () => {
  let asked = 0;
  const answer = untilAnswered(
    () => (++asked < 3 ? away() : Promise.resolve('yes')),
    new AbortController().signal,
  );
  expect(await answer).toBe('yes');
  expect(asked).toBe(3);
});

test('takes any other refusal for the answer', async () => {
  let asked = 0;
  const refuse = () => {
    asked += 1;
    return Promise.reject(new ApiError('Conflict', 'over'));
  };
  await expect(untilAnswered(refuse, new AbortController().signal)).rejects.toMatchObject({
    reason: 'Conflict',
  });
  expect(asked).toBe(1);
});

test('stops with its signal', async () => {
  const stop = new AbortController();
  const answer = untilAnswered(away, stop.signal);
  stop.abort();
  await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
});
