import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { temporaryFolder } from '@wegent/testing';
import { bareServer } from './bare-server.ts';

const NODE = '/opt/node';
const AGAIN_MS = 2;

/** Milliseconds of a sandbox that holds a server which does nothing. */
export interface BareSandbox {
  /** From starting it until the server answers. */
  start: number;
  /** One more request to it. */
  request: number;
}

/** Starts a server in bubblewrap with nothing but what it needs, and ends it. */
export async function bareBubblewrap(): Promise<BareSandbox> {
  await using folder = await temporaryFolder();
  const socketPath = path.join(folder.path, 's');
  const started = performance.now();
  const child = spawn('bwrap', [...walls(folder.path), '--', NODE, '-e', bareServer('/run/s')], {
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  try {
    while (!(await answers(socketPath))) {
      if (child.exitCode !== null) throw new Error(`bubblewrap ended with code ${child.exitCode}`);
      await delay(AGAIN_MS);
    }
    const start = performance.now() - started;
    const asked = performance.now();
    await answers(socketPath);
    return { start, request: performance.now() - asked };
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

function walls(folder: string): string[] {
  const system = ['/usr', '/bin', '/sbin', '/lib', '/lib64'].filter(existsSync);
  return [
    ...['--unshare-all', '--die-with-parent', '--new-session', '--clearenv'],
    ...system.flatMap((place) => ['--ro-bind', place, place]),
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
    ...['--ro-bind', process.execPath, NODE, '--bind', folder, '/run'],
  ];
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    request({ socketPath, agent: false }, (response) => {
      response.on('end', () => resolve(true)).resume();
    })
      .on('error', () => resolve(false))
      .end();
  });
}
