import type { Outcome } from '@wegent/api';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What the manager counts. */
export interface ManagerMetrics {
  /** A run was claimed; the answer is called when it is over. `left` = to the next attempt, without a finish. */
  runStarted(): (outcome: Outcome | 'left') => void;
  batchSent(batch: { events: number; milliseconds: number }): void;
}

/** Registers the manager's metrics. */
export function createManagerMetrics(registry: Registry): ManagerMetrics {
  const registers = [registry];
  const running = new Gauge({
    name: 'wegent_manager_runs_active',
    help: 'Runs at work in this manager.',
    registers,
  });
  const runs = new Counter({
    name: 'wegent_manager_runs_total',
    help: 'Runs that ended here.',
    labelNames: ['outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'wegent_manager_run_seconds',
    help: 'Duration of runs.',
    buckets: [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600],
    registers,
  });
  const events = new Counter({
    name: 'wegent_manager_events_total',
    help: 'Events that the server has stored.',
    registers,
  });
  const batches = new Histogram({
    name: 'wegent_manager_batch_seconds',
    help: 'Time until the server has stored a batch of events.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers,
  });
  return {
    runStarted() {
      running.inc();
      const stopTimer = seconds.startTimer();
      return (outcome) => {
        running.dec();
        runs.inc({ outcome });
        stopTimer();
      };
    },
    batchSent({ events: count, milliseconds }) {
      events.inc(count);
      batches.observe(milliseconds / 1000);
    },
  };
}
