import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  enginesFolder,
  missingRequirements,
  type Requirement,
  startDocker,
  startGitHttpServer,
  temporaryFolder,
} from '@wegent/testing';
import { type Helper, startHelper } from './child.ts';
import { bareBubblewrap } from './coding/bare-bubblewrap.ts';
import { bareContainer, makeBareNetwork } from './coding/bare-container.ts';
import { manyFiles, measureClone } from './coding/clone.ts';
import { measureQueue } from './coding/queue.ts';
import { residentBytesOf } from './coding/sandbox-processes.ts';
import { startCodingStage } from './coding/stage.ts';
import { aheadRow, startRows } from './coding/start-rows.ts';
import { type AgentSetting, measureStarts } from './coding/starts.ts';
import type { BenchConfig } from './config.ts';
import type { BareAgentHandlers } from './processes/bare-agent.ts';
import type { ModelServerHandlers } from './processes/model-server.ts';
import type { Group, Row } from './row.ts';

/** Tasks in sandboxes with the real Claude Code, of which only the model is simulated. */
export const coding: Group = {
  name: 'coding',
  says: 'from a message to Claude Code in a sandbox, many tasks at once, memory, clones',
  run,
};

const AIMS = { local: { warm: 300, cold: 1_000 }, docker: { warm: 300, cold: 2_000 } } as const;
const PLACES = 5;

/** What all parts share. */
interface Setting {
  rounds: { warm: number; cold: number; clone: number };
  environment: NodeJS.ProcessEnv;
  agent: AgentSetting;
  bareAgent: Helper<BareAgentHandlers>;
  bareBytes: { node: number; agent: number };
}

async function run({ quick, environment }: BenchConfig): Promise<Row[]> {
  const engines = enginesFolder();
  if (engines === undefined) return [leftOut('coding', ['claude-code'])];
  await using folder = await temporaryFolder();
  await using modelServer = startHelper<ModelServerHandlers>('model-server.ts');
  await using bareAgent = startHelper<BareAgentHandlers>('bare-agent.ts');
  const agent = {
    enginesFolder: engines,
    modelUrl: await modelServer.call('listen', undefined),
    folder: folder.path,
  };
  const setting: Setting = {
    rounds: quick ? { warm: 4, cold: 3, clone: 2 } : { warm: 24, cold: 12, clone: 6 },
    environment,
    agent,
    bareAgent,
    bareBytes: await measureBareBytes(bareAgent, agent),
  };
  return [...(await local(setting)), ...(await docker(setting))];
}

async function local(setting: Setting): Promise<Row[]> {
  if (missingRequirements(['bubblewrap']).length > 0) return [leftOut('local', ['bubblewrap'])];
  const { rounds, agent, bareAgent, bareBytes } = setting;
  const environment = { ...setting.environment, SANDBOX: 'local' };
  const starts = await measureStarts({
    open: (warm) => startCodingStage({ ...agent, warm, environment }),
    bareSandbox: bareBubblewrap,
    ...{ bareAgent, agent, rounds },
  });
  await using git = await startGitHttpServer();
  const repository = await git.createRepository('bench/many-files.git', manyFiles());
  await using stage = await startCodingStage({
    ...agent,
    warm: 1,
    outbound: [`127.0.0.1:${git.port}`],
    environment: { ...environment, MAX_CONCURRENT_TASKS: String(PLACES) },
  });
  return [
    ...startRows(starts, { driver: 'local', bareSandbox: 'a bare bubblewrap', bareBytes, aims: AIMS.local }),
    aheadRow(starts),
    ...(await measureClone({ stage, repository, rounds: rounds.clone })),
    ...(await measureQueue({ stage, limit: PLACES, bareAgent, agent })),
  ];
}

async function docker(setting: Setting): Promise<Row[]> {
  if (missingRequirements(['docker']).length > 0) return [leftOut('docker', ['docker'])];
  const { rounds, agent, bareAgent, bareBytes } = setting;
  await using engine = await startDocker();
  const { socketPath } = engine;
  const image = await engine.executorImage();
  await makeBareNetwork(socketPath);
  const environment = {
    ...setting.environment,
    SANDBOX: 'docker',
    DOCKER_HOST: engine.host,
    EXECUTOR_IMAGE: image,
  };
  const starts = await measureStarts({
    open: (warm) => startCodingStage({ ...agent, warm, environment }),
    bareSandbox: () => bareContainer({ socketPath, image }),
    ...{ bareAgent, agent, rounds },
  });
  return startRows(starts, {
    driver: 'docker',
    bareSandbox: 'a bare container',
    bareBytes,
    aims: AIMS.docker,
  });
}

/** Memory of the same programs without a sandbox. */
async function measureBareBytes(
  bareAgent: Helper<BareAgentHandlers>,
  agent: AgentSetting,
): Promise<Setting['bareBytes']> {
  const node = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const ended = once(node, 'exit');
  const pid = await bareAgent.call('keep', agent);
  try {
    await delay(1_500);
    return { node: await residentBytesOf(node.pid ?? 0), agent: await residentBytesOf(pid) };
  } finally {
    node.kill('SIGKILL');
    await ended;
    await bareAgent.call('close', undefined);
  }
}

/** A row in place of those that this machine cannot give. */
function leftOut(name: string, needs: readonly Requirement[]): Row {
  return {
    name,
    measured: `left out: ${missingRequirements(needs).join('; ')}`,
    limitName: '',
    limit: '',
    comparison: '',
  };
}
