import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EXIT } from '../failure.ts';
import { createStop, type Stop } from './stop.ts';

let stop: Stop;
beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  stop.end();
  vi.useRealTimers();
});

test('after its time a task is cancelled, and a server that is away holds nobody up', async () => {
  stop = createStop({ timeout: 60, terminal: undefined });
  const cancel = vi.fn(() => Promise.reject(new Error('there is no connection')));
  const ended = expect(stop.whenStopped(cancel)).rejects.toMatchObject({
    exitCode: EXIT.timeout,
    message: expect.stringMatching(/may still run/),
  });
  await vi.advanceTimersByTimeAsync(59_000);
  expect(cancel).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1000);
  expect(cancel).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(10_000);
  await ended;
});

test('the time passes before the task is sent, too', async () => {
  stop = createStop({ timeout: 1, terminal: undefined });
  await vi.advanceTimersByTimeAsync(1000);
  expect(stop.signal.reason).toMatchObject({ exitCode: EXIT.timeout });
});
