import { e2eConfig } from './config.ts';

/** Random choices that a seed repeats. */
export interface Random {
  readonly seed: number;
  /** A number from 0 up to, but not, 1. */
  next(): number;
  /** A whole number from 0 up to, but not, `limit`. */
  below(limit: number): number;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
  /** Another source that this one decides, for a part of the test with an order of its own. */
  fork(): Random;
}

/** Makes a source of random numbers; WEGENT_TEST_SEED repeats a run as far as the clock allows. */
export function createRandom(seed = e2eConfig.seed ?? Date.now() % 2 ** 31): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    seed,
    next,
    below,
    pick: (items) => items[below(items.length)] ?? items[0],
    fork: () => createRandom(below(2 ** 31)),
  };
}
