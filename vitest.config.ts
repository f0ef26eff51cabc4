import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { EvenSequencer } from './scripts/even-sequencer.ts';

/** Suites wait a lot, for leases, processes and pages: two at once keep two processors busy. */
const maxWorkers = Math.max(2, Math.floor(availableParallelism() / 2));

/** What `expect.poll` waits for comes later on a busy machine. */
const patient = { poll: { timeout: 15_000 } };

/** Unit tests lie beside the source; `integration` composes real parts; `e2e` drives the built product. */
export default defineConfig({
  test: {
    sequence: { sequencer: EvenSequencer },
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'packages/*/src/**/*.test.ts',
            'apps/*/src/**/*.test.ts',
            'apps/web/src/**/*.test.tsx',
            'scripts/**/*.test.ts',
          ],
          // Nothing of a file outlives it, and loading everything anew for each takes longer than the tests.
          isolate: false,
          maxWorkers,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          expect: patient,
          maxWorkers,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          expect: patient,
          maxWorkers,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
