import { readFile } from 'node:fs/promises';
import type { Container } from 'dockerode';
import { inspectContainer } from './docker-containers.ts';
import type { DockerEngine } from './docker-engine.ts';

/** Where the kernel counts processes that it ended, by version of control groups. */
const COUNTERS = [
  { root: '/sys/fs/cgroup/memory', file: 'memory.oom_control', controller: 'memory' },
  { root: '/sys/fs/cgroup', file: 'memory.events', controller: '' },
];

/** Bytes of memory that a container uses, without what the kernel could drop at once. */
export async function memoryOf(engine: DockerEngine, container: Container): Promise<number | undefined> {
  const { memory_stats: memory } = await engine.call('count the memory of a container', () =>
    container.stats({ stream: false, 'one-shot': true }),
  );
  if (memory?.usage === undefined) return undefined;
  const { total_inactive_file, inactive_file } = memory.stats ?? {};
  return memory.usage - (total_inactive_file ?? inactive_file ?? 0);
}

/**
 * How often the kernel ended a process of a container for want of memory. The kernel's own counter is asked where the
 * engine runs on this machine; the engine's events, of which it keeps the newest only, elsewhere.
 */
export async function oomKillsOf(engine: DockerEngine, container: Container): Promise<number> {
  const state = await inspectContainer(engine, container);
  if (state === undefined) return 0;
  return (
    (await kernelCount(state.State.Pid, state.Id)) ?? (await eventCount(engine, state.Id, state.Created))
  );
}

async function kernelCount(pid: number, containerId: string): Promise<number | undefined> {
  const groups = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '');
  for (const { root, file, controller } of COUNTERS) {
    const line = groups.split('\n').find((each) => each.split(':')[1]?.split(',').includes(controller));
    const group = line?.split(':')[2];
    // Numbers of processes mean something else where the engine has a kernel of its own.
    if (group === undefined || !group.includes(containerId)) continue;
    const counters = await readFile(`${root}${group}/${file}`, 'utf8').catch(() => '');
    const count = /^oom_kill (\d+)$/m.exec(counters)?.[1];
    if (count !== undefined) return Number(count);
  }
  return undefined;
}

async function eventCount(engine: DockerEngine, id: string, created: string): Promise<number> {
  const lines = await engine.call('read its events', async () => {
    const stream = await engine.docker.getEvents({
      since: Math.floor(Date.parse(created) / 1000),
      until: Math.floor(Date.now() / 1000),
      filters: { type: ['container'], container: [id], event: ['oom'] },
    });
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString().trim();
  });
  return lines === '' ? 0 : lines.split('\n').length;
}
