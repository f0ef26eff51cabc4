import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { ApiError } from '@wegent/api';
import type { Sandbox } from '../sandbox.ts';
import { createDockerDriver } from './docker-driver.ts';
import { type DockerEngine, openDockerEngine } from './docker-engine.ts';
import { createDockerImages } from './docker-image.ts';
import { ensureNetwork, type SandboxNetwork } from './docker-network.ts';
import type { DockerDriverOptions } from './docker-options.ts';
import { createHostCloser } from './host-closer.ts';

const TRIAL_MS = 30_000;

/** What a sandbox of the trial saw of the world. */
interface Seen {
  gateway: boolean;
  /** Undefined where it could not be tried. */
  host: boolean | undefined;
}

/**
 * Can sandboxes be made on this engine, and what keeps them apart? A sandbox is started for it, and says what it
 * reaches. `problem` tells what to do.
 */
export async function probeDocker(
  options: DockerDriverOptions,
): Promise<{ ok: true; isolation: string } | { ok: false; problem: string }> {
  const engine = openDockerEngine(options.socketPath);
  try {
    const info = await engine.call('say what it is', () => engine.docker.info());
    if (info.OSType !== 'linux')
      return { ok: false, problem: 'Docker runs Windows containers; sandboxes are Linux ones' };
    await createDockerImages(engine, options).ready(undefined, AbortSignal.timeout(TRIAL_MS));
    const network = await ensureNetwork(engine, options.network);
    const open = await createHostCloser(engine, options.image)(network);
    const seen = await tryOne(options, network);
    if (!seen.gateway) {
      return {
        ok: false,
        problem:
          'a container cannot use a socket of this host, which is its only way out; Docker Desktop and engines of other machines do not pass sockets on: use SANDBOX=local, or run the manager where the engine runs',
      };
    }
    return { ok: true, isolation: describe(options, { info, open, seen }) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { ok: false, problem: error.message };
  }
}

interface Findings {
  info: Awaited<ReturnType<DockerEngine['docker']['info']>>;
  /** Why the firewall could not be set. */
  open: string | undefined;
  seen: Seen;
}

function describe({ network }: DockerDriverOptions, { info, open, seen }: Findings): string {
  const limits = [
    ['memory', info.MemoryLimit],
    ['cpu', info.CpuCfsQuota],
    ['processes', info.PidsLimit ?? true],
  ] as const;
  const kept = limits.filter(([, works]) => works).map(([name]) => name);
  const missing = limits.filter(([, works]) => !works).map(([name]) => name);
  const why = open === undefined ? '' : ` (${open})`;
  return [
    `Docker ${info.ServerVersion}: containers without capabilities, with a read-only system`,
    `internal network ${network} without traffic between containers`,
    (seen.host ?? open !== undefined)
      ? `what listens on all addresses of this host CAN be reached from sandboxes${why}`
      : 'this host cannot be reached from sandboxes',
    `${kept.join(', ')} limited by control groups`,
    ...(missing.length === 0 ? [] : [`NO limit of ${missing.join(', ')}: this kernel or engine cannot`]),
    'disk looked at every few seconds, and limited for each file',
  ].join('; ');
}

/** Starts a sandbox whose program tells what it reaches. */
async function tryOne(options: DockerDriverOptions, network: SandboxNetwork): Promise<Seen> {
  const parent = path.dirname(options.enginesFolder);
  await mkdir(options.enginesFolder, { recursive: true });
  const folder = await mkdtemp(path.join(parent, 'probe-'));
  const gateway = createServer((socket) => socket.end());
  const host = createServer((socket) => socket.end());
  const driver = createDockerDriver({
    ...options,
    instance: `${options.instance}.probe`,
    command: ['--input-type=commonjs', '--eval', PROGRAM],
  });
  let sandbox: Sandbox | undefined;
  try {
    await mkdir(path.join(folder, 'run'));
    gateway.listen(path.join(folder, 'run', 'gateway.sock'));
    await once(gateway, 'listening');
    await chmod(path.join(folder, 'run', 'gateway.sock'), 0o666);
    const hostPort = await listenOn(host, network.gateway);
    sandbox = await driver.create({
      id: randomBytes(6).toString('hex'),
      labels: { taskId: '', namespace: '' },
      limits: { memory: '256Mi', pids: 64, cpu: 1 },
      folder,
      token: randomBytes(24).toString('base64url'),
      env: { PROBE_HOST: network.gateway ?? '', PROBE_PORT: String(hostPort) },
      startMs: TRIAL_MS,
    });
    const seen = await ask(sandbox);
    return { ...seen, host: hostPort === 0 ? undefined : seen.host };
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'Timeout') {
      throw new ApiError(
        'ServiceUnavailable',
        `a container of the network "${options.network}" cannot be reached from here: use SANDBOX=local, or run the manager where the engine runs`,
        { cause: error },
      );
    }
    throw error;
  } finally {
    await sandbox?.kill();
    gateway.close();
    host.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The address is that of a bridge, which is up once a container hangs on it; without one nothing can be said. */
async function listenOn(host: ReturnType<typeof createServer>, address: string | undefined): Promise<number> {
  if (address === undefined) return 0;
  host.listen(0, address);
  try {
    await once(host, 'listening');
  } catch {
    return 0;
  }
  return (host.address() as AddressInfo).port;
}

function ask({ address }: Sandbox): Promise<Seen> {
  if (address.type !== 'tcp') throw new Error('sandboxes of Docker have a port');
  return new Promise((resolve, reject) => {
    const asked = request({ ...address, path: '/', agent: false, timeout: 10_000 }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      answer.on('error', reject);
      answer.on('end', () => {
        const { gateway, host } = JSON.parse(text);
        resolve({ gateway: gateway === true, host: host === true });
      });
    });
    asked.on('timeout', () => asked.destroy(new Error('the trial sandbox does not answer')));
    asked.on('error', reject);
    asked.end();
  });
}

const PROGRAM = `
const { createServer } = require('node:http');
const { connect } = require('node:net');
const reach = (to) => new Promise((resolve) => {
  const socket = connect(to);
  const end = (reached) => { socket.destroy(); resolve(reached); };
  socket.once('connect', () => end(true));
  socket.once('error', () => end(false));
  socket.setTimeout(2000, () => end(false));
});
const { PROBE_HOST: host, PROBE_PORT: port, WEGENT_EXECUTOR_PORT: own, WEGENT_RUN_DIR: run } = process.env;
const server = createServer(async (request, response) => {
  const [gateway, reached] = request.url === '/healthz' ? [] : await Promise.all([
    reach({ path: run + '/gateway.sock' }), port === '0' ? false : reach({ host, port: Number(port) }),
  ]);
  response.end(JSON.stringify({ gateway, host: reached }));
});
server.listen(Number(own), '0.0.0.0');
process.on('SIGTERM', () => process.exit(0));
`;
