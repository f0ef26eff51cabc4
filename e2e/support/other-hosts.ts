import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { findProgram, holdMachineLock, waitFor } from '@wegent/testing';
import { networkNamespaces } from './leaks.ts';

const METADATA = '169.254.169.254';
const OURS = /^we[0-9a-f]{8}$/;

/** Hosts of a test's own in a network name space: nothing leaves the machine. */
export interface OtherHosts extends AsyncDisposable {
  /** One stands for a host of the local network, one for the metadata service of a cloud. */
  readonly addresses: readonly string[];
  readonly port: number;
  readonly namespace: string;
  /** Connections that arrived. */
  readonly arrived: readonly string[];
}

/** Can this machine and this user make name spaces? */
export function canMakeHosts(): boolean {
  return process.getuid?.() === 0 && findProgram('ip') !== undefined;
}

/** Makes the hosts, with a server on each that takes every connection; as root only. */
export async function startOtherHosts(): Promise<OtherHosts> {
  // There is one metadata service on a machine.
  const lock = await holdMachineLock('wegent-test-other-hosts');
  const name = `we${randomBytes(4).toString('hex')}`;
  const lan = `10.${200 + ((randomBytes(1)[0] ?? 0) % 10)}.${randomBytes(1)[0]}`;
  const addresses = [METADATA, `${lan}.2`];
  const program = findProgram('ip') ?? 'ip';
  const ip = (...args: string[]) => promisify(execFile)(program, args);
  let server: ChildProcess | undefined;
  const dispose = async () => {
    if (server && server.exitCode === null && server.signalCode === null) {
      server.kill('SIGKILL');
      await once(server, 'exit');
    }
    await ip('netns', 'del', name).catch(() => {});
    await ip('link', 'del', `${name}a`).catch(() => {});
    await lock[Symbol.asyncDispose]();
  };
  try {
    // Who holds the lock is alone: what is there is of a suite that was killed.
    for (const stale of (await networkNamespaces()).filter((each) => OURS.test(each))) {
      await ip('netns', 'del', stale);
    }
    await ip('netns', 'add', name);
    await ip('link', 'add', `${name}a`, 'type', 'veth', 'peer', 'name', `${name}b`, 'netns', name);
    await ip('addr', 'add', `${lan}.1/30`, 'dev', `${name}a`);
    await ip('link', 'set', `${name}a`, 'up');
    for (const address of addresses) await ip('-n', name, 'addr', 'add', `${address}/30`, 'dev', `${name}b`);
    for (const device of ['lo', `${name}b`]) await ip('-n', name, 'link', 'set', device, 'up');
    await ip('-n', name, 'route', 'add', 'default', 'via', `${lan}.1`, 'onlink', 'dev', `${name}b`);
    // Another suite may have one at the moment.
    await waitFor(
      () => ip('route', 'add', `${METADATA}/32`, 'via', `${lan}.2`, 'dev', `${name}a`).then(() => true),
      { what: 'the address of the metadata service to be free', timeoutMs: 60_000 },
    );
    server = spawn(program, ['netns', 'exec', name, process.execPath, '-e', SERVER], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (!server.stdout) throw new Error('the other host has no output');
    const lines = createInterface({ input: server.stdout });
    const [first] = await once(lines, 'line');
    const arrived: string[] = [];
    lines.on('line', (line: string) => arrived.push(line));
    return { addresses, port: Number(first), namespace: name, arrived, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

// Says what it is asked, so that a suite sees that nobody came; also by UDP, as names are asked for.
const SERVER = `
const net = require('node:net'), dgram = require('node:dgram');
const server = net.createServer((socket) => {
  console.log('tcp ' + socket.localAddress);
  socket.on('error', () => {}).end('HTTP/1.1 200 OK\\r\\ncontent-length: 6\\r\\nconnection: close\\r\\n\\r\\nstolen');
});
server.listen(0, '0.0.0.0', () => {
  const { port } = server.address();
  const udp = dgram.createSocket('udp4').bind(port, () => console.log(port));
  udp.on('message', () => console.log('udp'));
});`;
