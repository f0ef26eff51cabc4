import { describe } from 'vitest';
import { openBus } from '../src/index.ts';
import { busContract } from './contract.ts';

describe('memory bus', () => {
  busContract(async (onError) => {
    const bus = await openBus({ onError });
    return { here: bus, there: bus };
  });
});
