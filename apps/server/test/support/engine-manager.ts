import { setTimeout as delay } from 'node:timers/promises';
import { createEngines, RunFailure, runTurn } from '@wegent/engine';
import type { ChatServer } from './chat-server.ts';
import type { ScriptedRun } from './scripted-run.ts';

/** What a manager does for the tasks of a suite, with the real engines: every run it is given, all at once. */
export interface EngineManager extends AsyncDisposable {
  /** Dies: what it runs goes on nowhere, and it says no more. */
  kill(): void;
}

/** Takes the runs of a task and runs them on the real engines: Chat, whose model is at `modelUrl`, and Dify. */
export function startEngineManager(
  server: ChatServer,
  { taskId, modelUrl }: { taskId: string; modelUrl: string },
): EngineManager {
  const engines = createEngines({
    chat: { retryDelaysMs: [1] },
    dify: { retryDelaysMs: [1], pollMs: 10, recoverMs: 100 },
  });
  const dead = new AbortController();
  const running: Promise<void>[] = [];

  async function work(run: ScriptedRun): Promise<void> {
    const { spec, openBlocks } = run.claim;
    let sent: Promise<unknown> = run.start();
    const send = (post: () => Promise<unknown>) => {
      sent = sent.then(() => (dead.signal.aborted ? undefined : post()));
    };
    for (const blockId of openBlocks) send(() => run.emit({ type: 'block-reset', blockId }));
    try {
      await runTurn(engines, {
        spec: {
          ...spec,
          ...(spec.model ? { model: { ...spec.model, baseUrl: modelUrl } } : {}),
          outboundAllow: undefined,
        },
        emit: (event) => send(() => run.emit(event)),
        ready: async () => undefined,
        onInput: () => undefined,
        giveWork: (request) => server.link.delegate(run.id, { attempt: spec.attempt, ...request }),
        workOf: (executionId) => server.link.delegated(run.id, { attempt: spec.attempt, executionId }),
        signal: dead.signal,
        readBlob: async () => undefined,
      });
      send(() => run.finish());
    } catch (error) {
      if (dead.signal.aborted) return;
      send(() => run.finish('failed', error instanceof RunFailure ? error.error : undefined));
    }
    await sent;
  }

  async function loop(): Promise<void> {
    while (!dead.signal.aborted) {
      if (server.hasRun(taskId)) running.push(work(await server.nextRun(taskId)).catch(() => undefined));
      else await delay(5);
    }
  }

  const looping = loop();
  return {
    kill: () => dead.abort(),
    async [Symbol.asyncDispose]() {
      dead.abort();
      await looping;
      await Promise.all(running);
    },
  };
}
