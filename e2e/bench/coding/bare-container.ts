import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { BareSandbox } from './bare-bubblewrap.ts';
import { bareServer } from './bare-server.ts';

const PORT = 9_000;
const NODE = '/opt/node/bin/node';
const NETWORK = 'wegent-bench';
const AGAIN_MS = 2;
const ANSWER_MS = 1_000;

/** Makes the network of bare containers. It goes with the engine. */
export async function makeBareNetwork(socketPath: string): Promise<void> {
  await call(socketPath, 'POST', '/networks/create', { Name: NETWORK, Internal: true });
}

/** Starts a server in a container with no setting but its network, and removes it. */
export async function bareContainer({
  socketPath,
  image,
}: {
  socketPath: string;
  image: string;
}): Promise<BareSandbox> {
  const started = performance.now();
  const { Id } = await call<{ Id: string }>(socketPath, 'POST', '/containers/create', {
    Image: image,
    Entrypoint: [NODE],
    Cmd: ['-e', bareServer(PORT)],
    HostConfig: { NetworkMode: NETWORK },
  });
  try {
    await call(socketPath, 'POST', `/containers/${Id}/start`);
    const { NetworkSettings } = await call<Inspected>(socketPath, 'GET', `/containers/${Id}/json`);
    const host = NetworkSettings.Networks[NETWORK]?.IPAddress ?? '';
    while (!(await answers(host))) await delay(AGAIN_MS);
    const start = performance.now() - started;
    const asked = performance.now();
    await answers(host);
    return { start, request: performance.now() - asked };
  } finally {
    await call(socketPath, 'DELETE', `/containers/${Id}?force=1`);
  }
}

interface Inspected {
  NetworkSettings: { Networks: Record<string, { IPAddress: string }> };
}

function answers(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ host, port: PORT, agent: false, timeout: ANSWER_MS }, (response) => {
      response.on('end', () => resolve(true)).resume();
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false)).end();
  });
}

/** A call of the Docker engine. */
function call<Answer>(socketPath: string, method: string, path: string, body?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { socketPath, method, path, headers: { 'content-type': 'application/json' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', reject).on('end', () => {
          if ((response.statusCode ?? 500) < 400) resolve(text === '' ? undefined : JSON.parse(text));
          else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
        });
      },
    );
    asked.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}
