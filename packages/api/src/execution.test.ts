import { describe, expect, test } from 'vitest';
import { canTransition, ExecutionState, isFinal, phaseOf } from './execution.ts';

describe('execution states', () => {
  test('final states never change', () => {
    for (const from of ExecutionState.options.filter(isFinal)) {
      for (const to of ExecutionState.options) expect(canTransition(from, to)).toBe(false);
    }
  });

  test.each([
    [['pending'], 'Pending'],
    [['pending', 'completed'], 'Running'],
    [['running', 'pending'], 'Running'],
    [['waiting', 'running'], 'WaitingForInput'],
    [['cancelling', 'waiting'], 'Cancelling'],
    [['completed', 'skipped'], 'Completed'],
    [['completed', 'failed', 'skipped'], 'Failed'],
    [['cancelled', 'completed'], 'Cancelled'],
    [[], undefined],
  ] as const)('%j is %s', (states, phase) => {
    expect(phaseOf(states)).toBe(phase);
  });
});
