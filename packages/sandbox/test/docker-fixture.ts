import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startDocker, type TestDocker, temporaryFolder } from '@wegent/testing';
import Docker from 'dockerode';
import { createDockerDriver, type DockerDriver } from '../src/docker/docker-driver.ts';
import type { DockerDriverOptions } from '../src/docker/docker-options.ts';
import type { Sandbox, SandboxSpec } from '../src/index.ts';
import { runIn, STAND_IN, TOKEN } from './stand-in.ts';

/** An engine with an image whose executor does what tests tell it. */
export interface DockerFixture extends AsyncDisposable {
  engine: TestDocker;
  docker: Docker;
  options: DockerDriverOptions;
  /** Another driver of the same engine. */
  driver(changes?: Partial<DockerDriverOptions>): DockerDriver;
  spec(changes?: Partial<SandboxSpec>): SandboxSpec;
  /** Folder of this host that no sandbox has to see. */
  folder: string;
}

export async function openDockerFixture(): Promise<DockerFixture> {
  const engine = await startDocker();
  try {
    const folder = await temporaryFolder();
    const image = await engine.executorImage({ bundle: STAND_IN });
    const options: DockerDriverOptions = {
      socketPath: engine.socketPath,
      image,
      network: 'wegent-network',
      ports: { min: 10_001, max: 10_100 },
      enginesFolder: join(folder.path, 'engines'),
      instance: 'one',
    };
    await mkdir(options.enginesFolder);
    const driver = (changes: Partial<DockerDriverOptions> = {}) =>
      createDockerDriver({ ...options, ...changes });
    return {
      engine,
      docker: new Docker({ socketPath: engine.socketPath }),
      options,
      driver,
      folder: folder.path,
      spec: (changes = {}) => {
        const id = randomBytes(6).toString('hex');
        return {
          id,
          labels: { taskId: 'task-1', namespace: 'default' },
          limits: { memory: '256Mi', pids: 128, cpu: 1, disk: '64Mi' },
          folder: join(folder.path, id),
          token: TOKEN,
          env: {},
          startMs: 60_000,
          ...changes,
        };
      },
      [Symbol.asyncDispose]: async () => {
        await driver().removeOrphans(new Set());
        await driver().removeNetwork();
        await engine[Symbol.asyncDispose]();
        await folder[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

/** Runs a command of bash as the agent; gives exit code or signal, and what it wrote. */
export async function run(
  sandbox: Sandbox,
  command: string,
): Promise<{ code: number | string; output: string }> {
  const encoded = Buffer.from(command).toString('base64');
  const { code, stdout } = await runIn(sandbox, `exec bash -c "$(echo ${encoded} | base64 -d)" 2>&1`);
  return { code, output: stdout };
}

/** The same, for what has to work. */
export async function output(sandbox: Sandbox, command: string): Promise<string> {
  const done = await run(sandbox, command);
  if (done.code !== 0) throw new Error(`${command} ended with ${done.code}: ${done.output}`);
  return done.output.trim();
}
