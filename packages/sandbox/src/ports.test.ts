import { expect, test } from 'vitest';
import { createPortPool } from './ports.ts';

test('gives each port once, the lowest first, and again after it came back', () => {
  const pool = createPortPool({ min: 10_001, max: 10_003 });
  expect([pool.take(), pool.take(), pool.take()]).toEqual([10_001, 10_002, 10_003]);
  pool.give(10_002);
  expect(pool.take()).toBe(10_002);
});

test('an empty pool says which range it is and what to do', () => {
  const pool = createPortPool({ min: 10_001, max: 10_002 });
  pool.take();
  pool.take();
  expect(() => pool.take()).toThrow(/all 2 ports .*10001–10002.*EXECUTOR_PORT_RANGE_MAX/);
});

test('ports that live after a restart are not given out', () => {
  const pool = createPortPool({ min: 10_001, max: 10_004, used: [10_001] });
  expect(pool.keep(10_002)).toBe(true);
  expect(pool.keep(10_002)).toBe(false);
  expect([pool.take(), pool.take()]).toEqual([10_003, 10_004]);
  expect(() => pool.take()).toThrow(/in use/);
});

test.each([
  { min: 0, max: 10 },
  { min: 10, max: 9 },
  { min: 10, max: 65_536 },
  { min: 1.5, max: 10 },
])('$min–$max is no range', (range) => {
  expect(() => createPortPool(range)).toThrow(/must be a range/);
});
