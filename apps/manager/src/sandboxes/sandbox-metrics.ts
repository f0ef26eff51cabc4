import type { SandboxState } from '@wegent/api';
import { Gauge, type Registry } from 'prom-client';

const STATES: readonly SandboxState['state'][] = ['starting', 'warm', 'idle', 'busy', 'stopping'];

/** Registers what `/metrics` tells of sandboxes: how many in which state, their memory, and the places for runs. */
export function registerSandboxMetrics(
  registry: Registry,
  { states, slots }: { states: () => readonly SandboxState[]; slots: () => { total: number; used: number } },
): void {
  const registers = [registry];
  new Gauge({
    name: 'wegent_sandboxes',
    help: 'Sandboxes of this manager that live.',
    labelNames: ['state'],
    registers,
    collect() {
      for (const state of STATES) this.set({ state }, states().filter((live) => live.state === state).length);
    },
  });
  new Gauge({
    name: 'wegent_sandbox_memory_bytes',
    help: 'Memory that the sandboxes of this manager use.',
    registers,
    collect() {
      this.set(states().reduce((sum, { memoryBytes = 0 }) => sum + memoryBytes, 0));
    },
  });
  new Gauge({
    name: 'wegent_sandbox_slots',
    help: 'Places for runs in sandboxes; runs beyond them wait.',
    labelNames: ['kind'],
    registers,
    collect() {
      const { total, used } = slots();
      this.set({ kind: 'total' }, total);
      this.set({ kind: 'used' }, used);
    },
  });
}
