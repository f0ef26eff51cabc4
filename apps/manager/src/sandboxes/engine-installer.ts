import type { EngineName, EngineState } from '@wegent/api';
import { engineState, installEngine } from '@wegent/engine';
import type { Logger } from 'pino';

/** Engines that are installed on first use, on this host. */
export interface EngineInstaller {
  states(): Promise<EngineState[]>;
  /** Why the engine cannot run here, or nothing. */
  missing(name: EngineName): Promise<string | undefined>;
  /** Begins an installation unless one is under way or the engine is there; `states` tells how it goes. */
  start(name: EngineName): void;
  /** Stops what is under way. */
  close(): Promise<void>;
}

const NAMES: readonly EngineName[] = ['claude-code', 'agno'];
const TITLES: Record<EngineName, string> = { 'claude-code': 'Claude Code', agno: 'Agno' };

/** Installs engines into a folder; another process may do so too, and is noticed. */
export function createEngineInstaller({
  folder,
  onChange,
  logger,
}: {
  folder: string;
  onChange: () => void;
  logger: Logger;
}): EngineInstaller {
  const running = new Map<EngineName, { progress: number; stop: AbortController; done: Promise<void> }>();
  const failures = new Map<EngineName, string>();

  async function stateOf(name: EngineName): Promise<EngineState> {
    const installation = running.get(name);
    if (installation) return { name, state: 'installing', progress: installation.progress };
    const state = await engineState({ name, folder });
    const error = failures.get(name);
    return state.state === 'missing' && error !== undefined ? { name, state: 'failed', error } : state;
  }

  return {
    states: () => Promise.all(NAMES.map(stateOf)),

    async missing(name) {
      const { state } = await engineState({ name, folder });
      if (state === 'installed') return undefined;
      return `${TITLES[name]} is not installed here. An administrator can install it on the page Admin → Executors, or with: npm run engines:install -- ${name}`;
    },

    start(name) {
      if (running.has(name)) return;
      failures.delete(name);
      const stop = new AbortController();
      const installation = { progress: 0, stop, done: Promise.resolve() };
      running.set(name, installation);
      installation.done = installEngine({
        name,
        folder,
        signal: stop.signal,
        onProgress: (progress) => {
          installation.progress = progress;
          onChange();
        },
      })
        .catch((err: unknown) => {
          logger.warn({ err, engine: name }, 'an engine could not be installed');
          failures.set(name, err instanceof Error ? err.message : String(err));
        })
        .then(() => {
          running.delete(name);
          onChange();
        });
      onChange();
    },

    async close() {
      for (const { stop } of running.values()) stop.abort();
      await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
}
