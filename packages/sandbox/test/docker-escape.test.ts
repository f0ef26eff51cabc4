import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describeWith, findProgram, holdMachineLock, waitFor } from '@wegent/testing';
import type { NetworkInspectInfo } from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sandbox } from '../src/index.ts';
import { type DockerFixture, openDockerFixture, output, run } from './docker-fixture.ts';
import { TOKEN } from './stand-in.ts';

/** A network of the test's own stands for the local network and for the metadata service of a cloud. */
const LAN = { namespace: 'wegent-lan', inside: 'wegentlan1', outside: 'wegentlan0' };
const IP = findProgram('ip') ?? 'ip';
const LAN_HOST = '10.214.7.2';
const METADATA = '169.254.169.254';

describeWith(['docker'], 'escaping from a container', () => {
  let fixture: DockerFixture;
  let sandbox: Sandbox;
  let neighbour: Sandbox;
  let open: Sandbox;

  beforeAll(async () => {
    fixture = await openDockerFixture();
    const driver = fixture.driver();
    sandbox = await driver.create(fixture.spec());
    neighbour = await driver.create(fixture.spec());
    open = await startOpenContainer(fixture);
  }, 600_000);

  afterAll(() => fixture?.[Symbol.asyncDispose]());

  describe('host', () => {
    test('its files are not there', async () => {
      await writeFile(join(fixture.folder, 'secret-of-the-host'), 'secret');
      await output(neighbour, 'echo theirs > /workspace/secret-of-the-neighbour');
      const found = await run(
        sandbox,
        `find / -name 'secret-of-the-*' 2>/dev/null; cat ${fixture.folder}/secret-of-the-host /proc/1/root${fixture.folder}/secret-of-the-host; ls /proc/[0-9]*/root/workspace | grep secret`,
      );
      expect(found.output.replaceAll(/.*(No such file|Permission denied).*\n?/g, '')).toBe('');
    });

    test('links out of the workspace lead to the sandbox itself', async () => {
      const read = await run(
        sandbox,
        'ln -sfn / /workspace/out && ls /workspace/out/work /workspace/out/root',
      );
      expect(read.output).toMatch(/No such file/);
      expect(read.output).toMatch(/Permission denied/);
    });

    test('its processes are neither seen nor reached', async () => {
      const victim = spawn('sleep', ['60']);
      try {
        const tried = await run(sandbox, `kill -9 ${victim.pid}; ls -d /proc/${victim.pid}`);
        expect(tried.code).not.toBe(0);
        expect(victim.signalCode).toBeNull();
        const seen = await output(
          sandbox,
          "ps -eo args= | grep -vE 'docker-init|/opt/node|^/bin/bash|ps -eo|grep'||:",
        );
        expect(seen).toBe('');
      } finally {
        victim.kill('SIGKILL');
      }
    });

    test('its kernel is not to be changed', async () => {
      const tries = [
        'echo x > /proc/sys/kernel/core_pattern',
        'echo 1 > /proc/sysrq-trigger',
        'for f in $(find /sys/fs/cgroup -name release_agent -o -name memory.limit_in_bytes -o -name memory.max | head -3); do echo 1 > $f && echo CHANGED; done; false',
        'mount -t tmpfs none /mnt',
        'unshare --user --map-root-user true',
        'unshare --mount true',
        'mknod /tmp/disk b 254 0',
        'dmesg',
        'chroot / true',
        'su root -c true < /dev/null',
        'nsenter -t 1 -m true',
        'python3 -c "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)"',
        'python3 -c "import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)"',
      ];
      for (const attempt of tries) {
        const { code, output: words } = await run(sandbox, attempt);
        expect(code, `${attempt}: ${words}`).not.toBe(0);
        expect(words).not.toContain('CHANGED');
      }
    });

    test('no capability, no way to new ones, a filter of system calls, a user that is not root', async () => {
      const status = await output(sandbox, 'cat /proc/self/status; id -u');
      for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
        expect(status).toMatch(new RegExp(`${set}:\\t0{16}`));
      }
      expect(status).toMatch(/NoNewPrivs:\t1/);
      expect(status).toMatch(/Seccomp:\t2/);
      expect(status).toMatch(/\n1000$/);
    });

    test('the system is read-only', async () => {
      const places = [
        '/',
        '/etc',
        '/usr/bin',
        '/opt',
        '/opt/executor',
        '/opt/engines',
        '/opt/node/bin',
        '/var/lib',
      ];
      for (const place of places) {
        const { code, output: words } = await run(sandbox, `touch ${place}/x`);
        expect(code, `${place}: ${words}`).not.toBe(0);
      }
      await expect(output(sandbox, 'touch /workspace/x ~/x /tmp/x && echo yes')).resolves.toBe('yes');
      const devices = await output(sandbox, 'find /dev -type b');
      expect(devices).toBe('');
    });

    test('the engine is not there', async () => {
      const found = await run(
        sandbox,
        `find / -name 'docker*.sock' -o -name 'containerd*.sock' 2>/dev/null; env; ls ${fixture.engine.socketPath} /var/run/docker.sock`,
      );
      expect(found.output.replaceAll(/ls: .*\n?/g, '')).not.toMatch(/sock/i);
    });
  });

  describe('executor', () => {
    test('its token, memory, environment and files are closed to the agent', async () => {
      const own = await output(sandbox, `TOKEN=visible bash -c 'cat /proc/self/environ' | tr '\\0' '\\n'`);
      expect(own).toContain('TOKEN=visible');
      const pid = await output(sandbox, 'echo $PPID');
      const tries = [
        'cat environ',
        'head -c1 mem',
        'cat maps',
        'ls fd',
        'ls -l exe',
        'cat auxv',
        'ls map_files',
      ];
      for (const attempt of tries) {
        const { code, output: words } = await run(sandbox, `cd /proc/${pid} && ${attempt}`);
        expect(code, `${attempt}: ${words}`).not.toBe(0);
        expect(words).toMatch(/Permission denied|Operation not permitted|cannot/);
      }
      const attach = `import ctypes; l = ctypes.CDLL(None, use_errno=True); print(l.ptrace(16, ${pid}, 0, 0), ctypes.get_errno())`;
      await expect(output(sandbox, `python3 -c '${attach}'`)).resolves.toBe('-1 1');
      // The brackets keep the search from finding itself.
      const pattern = `[${TOKEN.slice(0, 1)}]${TOKEN.slice(1)}`;
      const search = await run(
        sandbox,
        `cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -c '${pattern}'; grep -rl '${pattern}' /run /home /workspace /tmp 2>/dev/null`,
      );
      expect(search.output.trim()).toBe('0');
    });

    test('it does not answer without the token', async () => {
      const port = await output(sandbox, 'echo $WEGENT_EXECUTOR_PORT');
      const ask = `curl -s -o /dev/null -w '%{http_code}' -d true http://127.0.0.1:${port}/run`;
      await expect(output(sandbox, ask)).resolves.toBe('401');
    });
  });

  describe('network', () => {
    const servers: Server[] = [];
    const arrived: string[] = [];
    let lan: Lan | undefined;
    const ports = { everywhere: 0, loopback: 0, lan: 0, udp: 0 };
    const udp = createSocket('udp4');

    beforeAll(async () => {
      ports.everywhere = await listen(servers, '0.0.0.0');
      ports.loopback = await listen(servers, '127.0.0.1');
      udp.on('message', (message) => arrived.push(message.toString()));
      udp.bind(0, '0.0.0.0');
      await once(udp, 'listening');
      ports.udp = udp.address().port;
      lan = await startLan(arrived);
      ports.lan = lan.port;
    });

    afterAll(async () => {
      for (const server of servers) server.close();
      udp.close();
      if (lan) await stopLan(lan);
    });

    /** Which of the addresses does a command reach, by TCP? */
    const reached = async (from: Sandbox, targets: readonly [string, number][]) => {
      const script = `
        const { connect } = require('node:net');
        const reach = ([host, port]) => new Promise((resolve) => {
          const socket = connect({ host, port });
          const end = (reached) => { socket.destroy(); resolve(reached ? [host + ':' + port] : []); };
          socket.once('connect', () => end(true)).once('error', () => end(false)).setTimeout(3000, () => end(false));
        });
        Promise.all(${JSON.stringify(targets)}.map(reach)).then((all) => console.log(JSON.stringify(all.flat())));`;
      const encoded = Buffer.from(script).toString('base64');
      return JSON.parse(await output(from, `echo ${encoded} | base64 -d | node -`)) as string[];
    };

    const hostAddresses = () =>
      Object.values(networkInterfaces()).flatMap((addresses) =>
        (addresses ?? []).filter(({ family }) => family === 'IPv4').map(({ address }) => address),
      );

    test('whom sandboxes must not reach can be reached by others: this test can fail', async () => {
      const gateway = await gatewayOf(fixture, 'open-network');
      await expect(reached(open, [[gateway, ports.everywhere]])).resolves.toEqual([
        `${gateway}:${ports.everywhere}`,
      ]);
      for (const host of [LAN_HOST, METADATA]) await expect(answers(host, ports.lan)).resolves.toBe(true);
      await expect(answers('127.0.0.1', ports.loopback)).resolves.toBe(true);
    });

    test('nothing of this host, whatever it listens on', async () => {
      const addresses = hostAddresses();
      expect(addresses).toContain(await gatewayOf(fixture, 'wegent-network'));
      expect(addresses).toContain(await gatewayOf(fixture, 'open-network'));
      expect(addresses.length).toBeGreaterThan(3);
      const targets = addresses.flatMap((address): [string, number][] => [
        [address, ports.everywhere],
        [address, ports.loopback],
      ]);
      await expect(reached(sandbox, targets)).resolves.toEqual([]);
    });

    test('no other host: not the local network, not the metadata service', async () => {
      await expect(
        reached(sandbox, [
          [LAN_HOST, ports.lan],
          [METADATA, ports.lan],
        ]),
      ).resolves.toEqual([]);
    });

    test('no datagram leaves either', async () => {
      const targets = [...hostAddresses(), LAN_HOST, METADATA, '10.214.7.255', '224.0.0.1'];
      const send = `import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
for host in ${JSON.stringify(targets)}:
  for port in (${ports.udp}, ${ports.lan}):
    try: s.sendto(b'from a sandbox', (host, port))
    except OSError: pass
`;
      await output(sandbox, `echo ${Buffer.from(send).toString('base64')} | base64 -d | python3 -`);
      // What is sent after it arrives: so it did not arrive, and is not only late.
      const own = createSocket('udp4');
      await new Promise((resolve) => own.send('from the host', ports.udp, '127.0.0.1', resolve));
      await new Promise((resolve) => own.send('from the host', ports.lan, LAN_HOST, resolve));
      own.close();
      await expect.poll(() => arrived.length).toBe(2);
      expect(arrived).toEqual(['from the host', 'from the host']);
    });

    test('not its neighbours', async () => {
      if (neighbour.address.type !== 'tcp') throw new Error('sandboxes of Docker have a port');
      const { host, port } = neighbour.address;
      await expect(answers(host, port)).resolves.toBe(true);
      await expect(reached(sandbox, [[host, port]])).resolves.toEqual([]);
    });

    test('nothing of it hangs on the rules of Docker alone', async () => {
      const iptables = findProgram('iptables') ?? 'iptables';
      const isolation = ['DOCKER-ISOLATION-STAGE-1', '-j', 'RETURN'];
      await promisify(execFile)(iptables, ['-w', '5', '-I', ...isolation]);
      await promisify(execFile)(iptables, ['-w', '5', '-P', 'FORWARD', 'ACCEPT']);
      try {
        const targets: [string, number][] = [LAN_HOST, METADATA].map((host) => [host, ports.lan]);
        await expect(reached(sandbox, targets)).resolves.toEqual([]);
      } finally {
        await promisify(execFile)(iptables, ['-w', '5', '-D', ...isolation]);
        await promisify(execFile)(iptables, ['-w', '5', '-P', 'FORWARD', 'DROP']);
      }
    });

    test('no names, and soon, no address of the other protocol', async () => {
      const started = performance.now();
      const names = await run(sandbox, 'getent hosts example.org; getent hosts host.docker.internal');
      expect(names).toEqual({ code: 2, output: '' });
      expect(performance.now() - started).toBeLessThan(15_000);
      const addresses = await output(sandbox, 'cat /proc/net/if_inet6 2>/dev/null | grep -v " lo$" || :');
      expect(addresses).toBe('');
    });
  });
});

/** A container as Docker makes it when nobody takes care, with the same program in it. */
async function startOpenContainer({ docker, options, folder }: DockerFixture): Promise<Sandbox> {
  await docker.createNetwork({ Name: 'open-network', Driver: 'bridge' });
  const run = join(folder, 'open-run');
  await promisify(execFile)('install', ['-d', '-o', '1000', '-g', '1000', run]);
  await writeFile(join(run, 'token'), TOKEN, { mode: 0o644 });
  const container = await docker.createContainer({
    Image: options.image,
    Env: ['WEGENT_EXECUTOR_PORT=10001', 'WEGENT_RUN_DIR=/run/wegent', 'WEGENT_WORKSPACE=/workspace'],
    HostConfig: { NetworkMode: 'open-network', Binds: [`${run}:/run/wegent`] },
  });
  await container.start();
  const { NetworkSettings } = await container.inspect();
  const host = NetworkSettings.Networks['open-network']?.IPAddress ?? '';
  await waitFor(() => answers(host, 10_001), { what: 'the open container', timeoutMs: 20_000 });
  const unused = () => Promise.reject(new Error('the fixture removes it'));
  return {
    id: 'open',
    labels: { taskId: '', namespace: '' },
    address: { type: 'tcp', host, port: 10_001 },
    ended: new Promise(() => {}),
    oomKills: unused,
    memoryBytes: unused,
    stop: unused,
    kill: unused,
  };
}

async function gatewayOf({ docker }: DockerFixture, network: string): Promise<string> {
  const { IPAM }: NetworkInspectInfo = await docker.getNetwork(network).inspect();
  return IPAM?.Config?.[0]?.Gateway ?? '';
}

async function listen(servers: Server[], host: string): Promise<number> {
  const server = createServer((socket) => socket.end());
  servers.push(server);
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function answers(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port, timeout: 3000 });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

interface Lan {
  child: ChildProcess;
  port: number;
  lock: AsyncDisposable;
}

/** Two hosts in a network name space that this host, and whoever it forwards for, has a route to. */
async function startLan(arrived: string[]): Promise<Lan> {
  const { namespace, inside, outside } = LAN;
  // There is one metadata service on a machine, and other suites have it for a while.
  const lock = await holdMachineLock('wegent-test-other-hosts');
  await removeLan();
  await ip(`netns add ${namespace}`);
  await ip(`link add ${outside} type veth peer name ${inside} netns ${namespace}`);
  await ip(`addr add 10.214.7.1/24 dev ${outside}`);
  await ip(`link set ${outside} up`);
  for (const address of [`${LAN_HOST}/24`, `${METADATA}/32`]) {
    await ip(`-n ${namespace} addr add ${address} dev ${inside}`);
  }
  for (const device of ['lo', inside]) await ip(`-n ${namespace} link set ${device} up`);
  await ip(`-n ${namespace} route add default via 10.214.7.1`);
  await ip(`route add ${METADATA}/32 via ${LAN_HOST} dev ${outside}`);
  const child = spawn(IP, ['netns', 'exec', namespace, process.execPath, '--eval', LAN_PROGRAM], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const [port] = await once(lines, 'line');
  lines.on('line', (line: string) => arrived.push(line));
  return { child, port: Number(port), lock };
}

const LAN_PROGRAM = `
const server = require('node:net').createServer((socket) => socket.end());
server.listen(0, '0.0.0.0', () => {
  const udp = require('node:dgram').createSocket('udp4').bind(server.address().port);
  udp.on('message', (message) => console.log(message.toString()));
  udp.on('listening', () => console.log(server.address().port));
});`;

async function stopLan({ child, lock }: Lan): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  await removeLan();
  await lock[Symbol.asyncDispose]();
}

async function removeLan(): Promise<void> {
  await ip(`link del ${LAN.outside}`).catch(() => {});
  await ip(`netns del ${LAN.namespace}`).catch(() => {});
}

async function ip(args: string): Promise<void> {
  await promisify(execFile)(IP, args.split(' '));
}
