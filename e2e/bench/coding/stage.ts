import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { API_VERSION, type ExecutorOverview } from '@wegent/api';
import { createApiClient } from '@wegent/client';
import { temporaryFolder, waitFor } from '@wegent/testing';
import { startProduct } from '../product.ts';
import { seed, seedPeople } from '../seed.ts';
import { connectRuns, type Runs } from './runs.ts';
import { type SandboxProcess, sandboxProcesses } from './sandbox-processes.ts';

/** A product that runs Claude Code in sandboxes, with an agent and somebody who uses it. */
export interface CodingStage extends AsyncDisposable {
  readonly runs: Runs;
  /** What runs in its sandboxes now. */
  processes(): Promise<SandboxProcess[]>;
  /** Removes a task with its sandbox, and waits until nothing but what is kept ready is left. */
  remove(taskId: string): Promise<void>;
  /** Waits until exactly the sandboxes that are kept ready live. */
  settled(): Promise<void>;
}

/** Pause between two looks at what lives. */
const LOOK_MS = 50;

/** The agent of all rounds. */
export const CODER = { name: 'coder', namespace: 'default' } as const;

/** Starts it; `warm` sandboxes are kept ready. `outbound` are hosts that it may reach on this machine. */
export async function startCodingStage({
  enginesFolder,
  modelUrl,
  warm,
  outbound = [],
  environment,
}: {
  enginesFolder: string;
  modelUrl: string;
  warm: number;
  outbound?: readonly string[];
  environment: NodeJS.ProcessEnv;
}): Promise<CodingStage> {
  const stack = new AsyncDisposableStack();
  try {
    const folder = stack.use(await temporaryFolder());
    const [person] = await seed(folder.path, (store) => seedPeople(store, 1));
    if (!person) throw new Error('nobody was seeded');
    await symlink(enginesFolder, path.join(folder.path, 'engines'));
    const product = stack.use(
      await startProduct({
        dataDir: folder.path,
        environment: {
          ...environment,
          WARM_SANDBOXES: String(warm),
          OUTBOUND_ALLOW: [new URL(modelUrl).host, ...outbound].join(','),
        },
      }),
    );
    const { http } = createApiClient({ baseUrl: product.url, getAccessToken: () => person.token });
    await http.request('POST', `/api/v1/namespaces/${person.namespace}/apply`, { body: objects(modelUrl) });
    const runs = stack.use(await connectRuns(product.url, person.token));
    const stage: CodingStage = {
      runs,
      processes: () => sandboxProcesses(folder.path),
      async remove(taskId) {
        await http.request('DELETE', `/api/v1/tasks/${taskId}`);
        await stage.settled();
      },
      async settled() {
        const look = async () => {
          await delay(LOOK_MS);
          const { managers } = await http.request<ExecutorOverview>('GET', '/api/v1/admin/executors');
          const problem = managers[0]?.problem;
          if (problem !== undefined) throw new Error(problem);
          const live = managers.flatMap(({ sandboxes }) => sandboxes);
          const executors = (await stage.processes()).filter(({ what }) => what === 'executor').length;
          return live.length === warm && live.every(({ state }) => state === 'warm') && executors === warm;
        };
        await waitFor(async () => (await look()) || undefined, {
          what: `${warm} sandboxes that wait, and no other`,
          timeoutMs: 60_000,
        });
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
    const owned = stack.move();
    return stage;
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

function objects(modelUrl: string): object[] {
  const object = (kind: string, name: string, spec: object) => ({
    apiVersion: API_VERSION,
    kind,
    metadata: { name, namespace: CODER.namespace },
    spec,
  });
  const { name } = CODER;
  return [
    object('Model', name, {
      modelConfig: { env: { model: 'claude', model_id: 'demo', base_url: modelUrl, api_key: 'any' } },
    }),
    object('Ghost', name, { systemPrompt: 'You work on code.' }),
    object('Bot', name, { ghostRef: { name }, shellRef: { name: 'ClaudeCode' }, modelRef: { name } }),
    object('Team', name, {
      collaborationModel: 'solo',
      bind_mode: ['code', 'chat'],
      members: [{ botRef: { name } }],
    }),
  ];
}
