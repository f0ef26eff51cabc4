import path from 'node:path';
import type { ContainerCreateOptions, MountSettings } from 'dockerode';
import { parseBytes } from '../limits.ts';
import type { SandboxLimits, SandboxSpec } from '../sandbox.ts';
import { type DockerDriverOptions, EXECUTOR_INSIDE, LABELS, NODE_INSIDE, OWNER } from './docker-options.ts';

const MEBIBYTE = parseBytes('1Mi');
const OPEN_FILES = 16_384;

/** What a container is made of. */
export interface ContainerParts {
  spec: SandboxSpec;
  limits: SandboxLimits;
  options: Pick<DockerDriverOptions, 'image' | 'network' | 'enginesFolder' | 'instance' | 'executorFile'>;
  port: number;
  /** `uid:gid` that owns the folder. */
  user: string;
  /** Mounts that bring Node and the executor into images that have none. */
  program: readonly MountSettings[];
  name: string;
  /** Arguments of Node. */
  command: readonly string[];
}

/** Everything that keeps a sandbox in its container, in one place. */
export function containerOptions(parts: ContainerParts): ContainerCreateOptions & { name: string } {
  const { spec, limits, options, port, user, name, command } = parts;
  return {
    name,
    Image: spec.image ?? options.image,
    Entrypoint: [NODE_INSIDE],
    Cmd: [...command],
    User: user,
    WorkingDir: '/workspace',
    Hostname: 'sandbox',
    Env: Object.entries({
      ...spec.env,
      HOME: '/home/agent',
      WEGENT_EXECUTOR_PORT: String(port),
      WEGENT_EXECUTOR_HOST: '0.0.0.0',
      WEGENT_RUN_DIR: '/run/wegent',
      WEGENT_WORKSPACE: '/workspace',
      WEGENT_HOME: '/home/agent',
      WEGENT_ENGINES: '/opt/engines',
    }).map(([key, value]) => `${key}=${value}`),
    Labels: {
      [LABELS.owner]: OWNER,
      [LABELS.instance]: options.instance,
      [LABELS.sandbox]: spec.id,
      [LABELS.task]: spec.labels.taskId,
      [LABELS.namespace]: spec.labels.namespace,
      [LABELS.taskId]: spec.labels.taskId,
      [LABELS.port]: String(port),
      [LABELS.folder]: spec.folder,
      [LABELS.disk]: String(limits.diskBytes),
    },
    Healthcheck: { Test: ['NONE'] },
    StopSignal: 'SIGTERM',
    Tty: false,
    OpenStdin: false,
    HostConfig: {
      Mounts: mounts(parts),
      NetworkMode: options.network,
      // The engine's own name server would pass questions on to the outside by the way of the host.
      Dns: ['127.0.0.1'],
      DnsSearch: ['.'],
      // Nobody answers: whoever asks for a name all the same shall not wait long.
      DnsOptions: ['timeout:1', 'attempts:1'],
      Privileged: false,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
      ReadonlyRootfs: true,
      IpcMode: 'private',
      Init: true,
      // Agents build and run things in /tmp. What lies there counts as memory.
      Tmpfs: { '/tmp': `rw,exec,nosuid,nodev,mode=1777,size=${Math.round(limits.memoryBytes / 2)}` },
      ShmSize: Math.min(256 * MEBIBYTE, Math.round(limits.memoryBytes / 4)),
      Memory: limits.memoryBytes,
      MemorySwap: limits.memoryBytes,
      NanoCpus: Math.round(limits.cpu * 1e9),
      PidsLimit: limits.pids,
      Ulimits: [
        { Name: 'nofile', Soft: OPEN_FILES, Hard: OPEN_FILES },
        { Name: 'fsize', Soft: limits.diskBytes, Hard: limits.diskBytes },
        { Name: 'core', Soft: 0, Hard: 0 },
      ],
      RestartPolicy: { Name: 'no' },
      AutoRemove: false,
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '1' } },
    },
  };
}

function mounts({ spec, options, program }: ContainerParts): MountSettings[] {
  const { executorFile } = options;
  return [
    bind(path.join(spec.folder, 'workspace'), '/workspace'),
    bind(path.join(spec.folder, 'home'), '/home/agent'),
    bind(path.join(spec.folder, 'run'), '/run/wegent'),
    bind(options.enginesFolder, '/opt/engines', true),
    ...(executorFile === undefined ? [] : [bind(executorFile, EXECUTOR_INSIDE, true)]),
    ...program,
  ];
}

function bind(source: string, target: string, readOnly = false): MountSettings {
  return { Type: 'bind', Source: source, Target: target, ReadOnly: readOnly };
}
