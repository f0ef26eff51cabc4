import { openBus } from '@wegent/bus';
import { describe, expect, test } from 'vitest';
import { createLoginThrottle, delaySeconds, network } from './login-throttle.ts';

async function throttleAt(start: number) {
  const clock = { now: start };
  const bus = await openBus();
  return { clock, bus, throttle: createLoginThrottle({ bus, now: () => clock.now }) };
}

const wrong = async () => undefined;
const right = async () => 'user';

describe('delaySeconds', () => {
  test.each([
    [0, 0],
    [4, 0],
    [5, 2],
    [6, 4],
    [7, 8],
    [20, 900],
    [5_000, 900],
  ])('after %i failures it is %i s', (failures, seconds) => {
    expect(delaySeconds(failures, { free: 5, maxDelaySeconds: 900 })).toBe(seconds);
  });
});

describe('network', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:10.0.0.7', '10.0.0.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ])('%s counts as %s', (address, expected) => {
    expect(network(address)).toBe(expected);
  });
});

describe('login throttle', () => {
  const alice = { username: 'alice', address: '10.0.0.1' };

  test('answers 429 with the wait after five failures, and lets one in when it is over', async () => {
    const { throttle, clock } = await throttleAt(1_000_000);
    for (let i = 0; i < 5; i += 1) expect(await throttle.attempt(alice, wrong)).toBeUndefined();
    await expect(throttle.attempt(alice, right)).rejects.toMatchObject({
      reason: 'TooManyRequests',
      details: { retryAfterSeconds: 2 },
    });
    clock.now += 2_000;
    expect(await throttle.attempt(alice, right)).toBe('user');
    expect(await throttle.attempt(alice, wrong)).toBeUndefined();
  });

  test('the case of the name does not open a second account of failures', async () => {
    const { throttle } = await throttleAt(0);
    for (const username of ['alice', 'Alice', 'ALICE', 'aLice', 'alicE'])
      await throttle.attempt({ ...alice, username }, wrong);
    await expect(throttle.attempt(alice, right)).rejects.toMatchObject({ reason: 'TooManyRequests' });
  });

  test('a burst of guesses cannot overtake its own count', async () => {
    const { throttle } = await throttleAt(0);
    let checks = 0;
    const guess = async () => {
      checks += 1;
      return undefined;
    };
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, () => throttle.attempt(alice, guess)),
    );
    expect(checks).toBe(5);
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(35);
  });

  test('many people of one address sign in at once', async () => {
    const { throttle } = await throttleAt(0);
    const people = Array.from({ length: 200 }, (_, i) => ({ username: `user${i}`, address: '10.0.0.1' }));
    const results = await Promise.all(people.map((who) => throttle.attempt(who, right)));
    expect(results).toEqual(Array(200).fill('user'));
  });

  test('spraying many accounts from one address is slowed down, but not who is known there', async () => {
    const { throttle } = await throttleAt(0);
    await throttle.attempt(alice, right);
    for (let i = 0; i < 30; i += 1)
      await throttle.attempt({ username: `victim${i}`, address: alice.address }, wrong);
    await expect(throttle.attempt({ username: 'bob', address: alice.address }, right)).rejects.toMatchObject({
      reason: 'TooManyRequests',
    });
    expect(await throttle.attempt(alice, right)).toBe('user');
  });

  test('one account attacked from many addresses is slowed down, but not for its owner', async () => {
    const { throttle } = await throttleAt(0);
    await throttle.attempt(alice, right);
    for (let i = 0; i < 50; i += 1)
      await throttle.attempt({ username: 'alice', address: `192.0.2.${i}` }, wrong);
    await expect(
      throttle.attempt({ username: 'alice', address: '198.51.100.1' }, right),
    ).rejects.toMatchObject({ reason: 'TooManyRequests' });
    expect(await throttle.attempt(alice, right)).toBe('user');
  });

  test('replicas count together', async () => {
    const { throttle, bus } = await throttleAt(0);
    const other = createLoginThrottle({ bus, now: () => 0 });
    for (let i = 0; i < 5; i += 1) await (i % 2 ? throttle : other).attempt(alice, wrong);
    await expect(other.attempt(alice, right)).rejects.toMatchObject({ reason: 'TooManyRequests' });
  });
});
