import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chown, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeWith, findProgram, waitFor } from '@wegent/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openDockerEngine } from '../src/docker/docker-engine.ts';
import { closeHost, openHost } from '../src/docker/docker-firewall.ts';
import { ensureNetwork } from '../src/docker/docker-network.ts';
import { closeByContainer } from '../src/docker/host-closer.ts';
import { probeDocker } from '../src/docker/probe-docker.ts';
import type { Sandbox } from '../src/index.ts';
import { processContract, sandboxContract } from './contract.ts';
import { type DockerFixture, openDockerFixture, output, run } from './docker-fixture.ts';
import { exhaustMemory } from './stand-in.ts';

describeWith(['docker'], 'docker driver', () => {
  let fixture: DockerFixture;

  beforeAll(async () => {
    fixture = await openDockerFixture();
  }, 600_000);

  afterEach(async () => {
    await fixture.driver().removeOrphans(new Set());
    await fixture.driver({ instance: 'two' }).removeOrphans(new Set());
  });

  afterAll(() => fixture?.[Symbol.asyncDispose]());

  const open = async () => ({
    driver: fixture.driver(),
    root: fixture.folder,
    exhaustMemory,
    hanging: { env: { HANG: '1' } },
    breaking: { env: { BREAK: 'yes' } },
    reopen: () => fixture.driver(),
    limitsPids: true,
    [Symbol.asyncDispose]: async () => {},
  });
  sandboxContract(open);
  processContract(open);

  const containerOf = async ({ id }: Pick<Sandbox, 'id'>) => {
    const [info] = await fixture.docker.listContainers({
      all: true,
      filters: { label: [`wegent.sandbox=${id}`] },
    });
    if (!info) throw new Error(`sandbox ${id} has no container`);
    return fixture.docker.getContainer(info.Id);
  };
  const allContainers = () => fixture.docker.listContainers({ all: true });

  test('the probe starts a sandbox, says what keeps it apart, and leaves nothing', async () => {
    const found = await probeDocker(fixture.options);
    expect(found).toEqual({ ok: true, isolation: expect.stringContaining('this host cannot be reached') });
    expect(found).toMatchObject({ isolation: expect.stringMatching(/memory, cpu, processes limited/) });
    await expect(allContainers()).resolves.toEqual([]);
    await expect(readdir(fixture.folder)).resolves.not.toContainEqual(expect.stringMatching(/^probe/));
  });

  test('the probe says what to do where the engine or the image is missing', async () => {
    await expect(probeDocker({ ...fixture.options, socketPath: '/nowhere.sock' })).resolves.toEqual({
      ok: false,
      problem: expect.stringMatching(/no Docker engine answers at \/nowhere\.sock.*DOCKER_HOST/),
    });
    await expect(probeDocker({ ...fixture.options, image: 'wegent-executor:none' })).resolves.toEqual({
      ok: false,
      problem: expect.stringMatching(/"wegent-executor:none" is missing.*npm run executor:image/),
    });
  });

  test('the probe refuses a network that is open', async () => {
    const network = await fixture.docker.createNetwork({ Name: 'open-network', Driver: 'bridge' });
    try {
      await expect(probeDocker({ ...fixture.options, network: 'open-network' })).resolves.toEqual({
        ok: false,
        problem: expect.stringMatching(/"open-network" is not one that sandboxes may use.*docker network rm/),
      });
    } finally {
      await network.remove();
    }
  });

  test('every setting that keeps a sandbox in is on its container', async () => {
    const spec = fixture.spec();
    const sandbox = await fixture.driver().create(spec);
    const { Config, HostConfig, Mounts, NetworkSettings } = await (await containerOf(sandbox)).inspect();
    expect(Config).toMatchObject({
      Image: fixture.options.image,
      User: '1000:1000',
      WorkingDir: '/workspace',
      Labels: {
        owner: 'wegent',
        'wegent.instance': 'one',
        'wegent.sandbox': spec.id,
        'wegent.task': 'task-1',
        'wegent.namespace': 'default',
        'wegent.port': '10001',
        'wegent.folder': spec.folder,
        'wegent.disk': String(64 * 1024 ** 2),
        task_id: 'task-1',
      },
    });
    const memory = 256 * 1024 ** 2;
    expect(HostConfig).toMatchObject({
      NetworkMode: 'wegent-network',
      Privileged: false,
      CapDrop: ['ALL'],
      CapAdd: null,
      SecurityOpt: ['no-new-privileges:true'],
      ReadonlyRootfs: true,
      IpcMode: 'private',
      PidMode: '',
      Init: true,
      Memory: memory,
      MemorySwap: memory,
      NanoCpus: 1e9,
      PidsLimit: 128,
      Dns: ['127.0.0.1'],
      PortBindings: {},
      PublishAllPorts: false,
      RestartPolicy: { Name: 'no' },
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '1' } },
      Tmpfs: { '/tmp': expect.stringMatching(/nosuid,nodev.*size=134217728/) },
      Ulimits: expect.arrayContaining([
        { Name: 'nofile', Soft: 16_384, Hard: 16_384 },
        { Name: 'fsize', Soft: 64 * 1024 ** 2, Hard: 64 * 1024 ** 2 },
      ]),
    });
    expect(Object.fromEntries(Mounts.map(({ Destination, RW }) => [Destination, RW]))).toEqual({
      '/workspace': true,
      '/home/agent': true,
      '/run/wegent': true,
      '/opt/engines': false,
    });
    expect(Object.keys(NetworkSettings.Networks)).toEqual(['wegent-network']);
    expect(JSON.stringify(Config)).not.toContain(spec.token);
  });

  test('a manager that may not change the firewall has a container do it', async () => {
    const engine = openDockerEngine(fixture.options.socketPath);
    const { bridge } = await ensureNetwork(engine, fixture.options.network);
    const rules = async () => {
      const { stdout } = await promisify(execFile)(findProgram('iptables') ?? 'iptables', ['-w', '5', '-S']);
      // Docker's own rules name where packets go.
      return stdout
        .split('\n')
        .filter(
          (line) =>
            /^-A (INPUT|FORWARD) /.test(line) && line.includes(`-i ${bridge}`) && !line.includes(' -o '),
        );
    };
    await closeHost(bridge);
    const wanted = await rules();
    expect(wanted).toHaveLength(3);
    await openHost(bridge);
    await expect(rules()).resolves.toEqual([]);
    const { image } = fixture.options;
    for (let time = 0; time < 2; time += 1) {
      await expect(closeByContainer(engine, { image, bridge })).resolves.toBeUndefined();
      await expect(rules()).resolves.toEqual(wanted);
    }
    await expect(allContainers()).resolves.toEqual([]);
  });

  test('many starts at once make the network, and close the host, once', async () => {
    await fixture.driver().removeNetwork();
    const [one, two] = [fixture.driver(), fixture.driver({ instance: 'two' })];
    const starts = [one, one, two, two].map((driver) => driver.create(fixture.spec()));
    await expect(Promise.all(starts)).resolves.toHaveLength(4);
    const networks = await fixture.docker.listNetworks({ filters: { name: ['wegent-network'] } });
    expect(networks).toHaveLength(1);
  });

  test('the network leads nowhere', async () => {
    await fixture.driver().create(fixture.spec());
    const network = await fixture.docker.getNetwork('wegent-network').inspect();
    const bridge = `wegent-${createHash('sha256').update('wegent-network').digest('hex').slice(0, 6)}`;
    expect(network).toMatchObject({
      Internal: true,
      Driver: 'bridge',
      EnableIPv6: false,
      Options: {
        'com.docker.network.bridge.name': bridge,
        'com.docker.network.bridge.enable_icc': 'false',
      },
    });
  });

  test('limits are kept: processes, size of a file, and what lies in /tmp', async () => {
    const sandbox = await fixture.driver().create(fixture.spec());
    await expect(output(sandbox, `python3 -c '${FORK_UNTIL_REFUSED}'`)).resolves.toMatch(
      /^refused after \d{2,3}$/,
    );
    const big = await run(sandbox, 'head -c 80M /dev/zero > /workspace/big; stat -c %s /workspace/big');
    expect(big.output).toContain(String(64 * 1024 ** 2));
    const full = await run(sandbox, 'head -c 200M /dev/zero | split -b 16M - /tmp/part');
    expect(full.output).toMatch(/No space left/);
  });

  test('one that wrote more than it may to the disk in many files ends', async () => {
    const sandbox = await fixture.driver().create(fixture.spec());
    await run(sandbox, 'head -c 90M /dev/urandom | split -b 8M - /workspace/part');
    await expect(sandbox.ended).resolves.toMatchObject({
      cause: 'failed',
      error: { reason: 'SandboxFailed', message: expect.stringContaining('disk limit') },
    });
  });

  test('a folder that another driver used is given to the agent, links are not followed', async () => {
    const victim = join(fixture.folder, 'not-theirs');
    await writeFile(victim, '');
    const spec = fixture.spec();
    await mkdir(join(spec.folder, 'workspace', 'deep'), { recursive: true });
    await writeFile(join(spec.folder, 'workspace', 'deep', 'file'), 'old');
    await symlink(victim, join(spec.folder, 'workspace', 'deep', 'link'));
    const sandbox = await fixture.driver().create(spec);
    await expect(
      output(sandbox, 'echo new > /workspace/deep/file && cat /workspace/deep/file'),
    ).resolves.toBe('new');
    expect((await stat(victim)).uid).toBe(0);
  });

  test('a process that used too much memory is counted and the sandbox lives on', async () => {
    const sandbox = await fixture.driver().create(fixture.spec());
    await expect(sandbox.oomKills()).resolves.toBe(0);
    expect(await sandbox.memoryBytes()).toBeGreaterThan(5 * 1024 ** 2);
    const greedy = await run(sandbox, 'python3 -c "x = bytearray(600 * 1024 * 1024)"; echo $?');
    expect(greedy.output.trim()).toMatch(/137$/);
    await waitFor(async () => (await sandbox.oomKills()) > 0, { what: 'the kill to be counted' });
    await expect(output(sandbox, 'echo alive')).resolves.toBe('alive');
  });

  test('one that ends before it listens says why, and nothing stays', async () => {
    const spec = fixture.spec({ env: { BREAK: 'yes' } });
    await expect(fixture.driver().create(spec)).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
      message: expect.stringContaining('broken on purpose'),
    });
    await expect(allContainers()).resolves.toEqual([]);
    await expect(readdir(join(spec.folder, 'run'))).resolves.toEqual([]);
  });

  test('one that does not listen in time is removed; so is one that is not wanted any more', async () => {
    const driver = fixture.driver();
    const spec = fixture.spec({ env: { HANG: '1' }, startMs: 1500 });
    await expect(driver.create(spec)).rejects.toMatchObject({ reason: 'Timeout' });
    const stop = new AbortController();
    const reason = new Error('not wanted');
    const creating = driver.create(fixture.spec({ env: { HANG: '1' } }), stop.signal);
    await waitFor(async () => (await allContainers()).length > 0, { what: 'the container to be made' });
    stop.abort(reason);
    await expect(creating).rejects.toBe(reason);
    await expect(allContainers()).resolves.toEqual([]);
    // Its port is free again.
    await expect(driver.create(fixture.spec())).resolves.toMatchObject({ address: { port: 10_001 } });
  });

  test('a new driver finds the sandboxes of the one before it, with ports and labels', async () => {
    const spec = fixture.spec();
    const before = await fixture.driver().create(spec);
    const driver = fixture.driver();
    const [found] = await driver.list();
    expect(found).toMatchObject({ id: spec.id, labels: spec.labels, address: before.address });
    await expect(driver.create(fixture.spec({ id: spec.id }))).rejects.toMatchObject({
      reason: 'AlreadyExists',
    });
    const other = await driver.create(fixture.spec());
    expect(other.address).toMatchObject({ port: 10_002 });
    await found?.kill();
    await expect(found?.ended).resolves.toEqual({ cause: 'killed' });
    await expect(driver.list()).resolves.toEqual([other]);
  });

  test('what a crash left under an id gives way, and is an orphan even of an id that is kept', async () => {
    const driver = fixture.driver();
    const spec = fixture.spec();
    const { Name, Config } = await (await containerOf(await driver.create(spec))).inspect();
    await driver.removeOrphans(new Set());
    const leave = () =>
      fixture.docker.createContainer({ name: Name.slice(1), Image: Config.Image, Labels: Config.Labels });
    await leave();
    await expect(driver.list()).resolves.toEqual([]);
    await expect(driver.removeOrphans(new Set([spec.id]))).resolves.toEqual([spec.id]);
    await expect(allContainers()).resolves.toEqual([]);
    await leave();
    await expect(driver.create(spec)).resolves.toMatchObject({ id: spec.id });
  });

  test('installations that share an engine leave each other alone', async () => {
    const [one, two] = [fixture.driver(), fixture.driver({ instance: 'two' })];
    const spec = fixture.spec();
    await one.create(spec);
    const theirs = await two.create(fixture.spec({ id: spec.id }));
    expect(theirs.address).toMatchObject({ port: 10_002 });
    await expect(one.removeOrphans(new Set())).resolves.toEqual([spec.id]);
    await expect(two.list()).resolves.toEqual([theirs]);
  });

  test('when all ports are in use it says so', async () => {
    const driver = fixture.driver({ ports: { min: 10_001, max: 10_001 } });
    await driver.create(fixture.spec());
    await expect(driver.create(fixture.spec())).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
      message: expect.stringContaining('EXECUTOR_PORT_RANGE_MAX'),
    });
  });

  test('an image of a Shell that has neither Node nor executor gets both', async () => {
    await buildBareImage(fixture);
    await fixture.docker.createVolume({ Name: 'wegent-node-of-an-older-image', Labels: { owner: 'wegent' } });
    const sandbox = await fixture.driver().create(fixture.spec({ image: 'bare:test' }));
    await expect(output(sandbox, 'cat /bare')).resolves.toBe('bare');
    // Those of an image that is gone were removed.
    const volumes = (await fixture.docker.listVolumes()).Volumes.map(({ Name }) => Name);
    expect(volumes).toHaveLength(2);
    expect(volumes).not.toContain('wegent-node-of-an-older-image');
    const node = await run(sandbox, 'cat /opt/node/bin/node | head -c 4; touch /opt/node/bin/other');
    expect(node.output).toMatch(/Permission denied[\s\S]*Read-only file system/);
  });

  test('an image that is no name of one is refused', async () => {
    const create = fixture.driver().create(fixture.spec({ image: '../containers/json' }));
    await expect(create).rejects.toMatchObject({
      reason: 'Invalid',
      message: expect.stringContaining('baseImage'),
    });
  });

  test('a socket in run/ is reached from inside, and one that is made anew later too', async () => {
    const spec = fixture.spec();
    const socket = join(spec.folder, 'run', 'gateway.sock');
    await mkdir(join(spec.folder, 'run'), { recursive: true });
    const serve = async (answer: string) => {
      const server = createServer((_request, response) => response.end(answer)).listen(socket);
      await waitFor(() => stat(socket), { what: 'the socket' });
      return server;
    };
    const first = await serve('first');
    const sandbox = await fixture.driver().create(spec);
    const ask = `curl -s --unix-socket /run/wegent/gateway.sock http://gateway/`;
    await expect(output(sandbox, ask)).resolves.toBe('first');
    await new Promise((resolve) => first.close(resolve));
    const second = await serve('second');
    await output(sandbox, 'true');
    // A new manager gives the socket to the sandbox's user, as the driver does at the start.
    await chown(socket, 1000, 1000);
    await expect(output(sandbox, ask)).resolves.toBe('second');
    await new Promise((resolve) => second.close(resolve));
  });

  test('links that an agent left in its folder are not followed at the next start', async () => {
    const victim = join(fixture.folder, 'victim');
    await writeFile(victim, 'untouched', { mode: 0o600 });
    const before = await stat(victim);
    const spec = fixture.spec();
    await mkdir(join(spec.folder, 'run'), { recursive: true });
    await symlink(victim, join(spec.folder, 'run', 'token'));
    await symlink(victim, join(spec.folder, 'run', 'gateway.sock'));
    await fixture.driver().create(spec);
    const after = await stat(victim);
    expect(await readFile(victim, 'utf8')).toBe('untouched');
    expect([after.uid, after.mode]).toEqual([before.uid, before.mode]);
  });

  test('a link in place of a part of the folder is refused', async () => {
    const spec = fixture.spec();
    await mkdir(spec.folder);
    await symlink('/etc', join(spec.folder, 'workspace'));
    await expect(fixture.driver().create(spec)).rejects.toMatchObject({
      reason: 'Invalid',
      message: expect.stringContaining('has to be a folder'),
    });
  });
});

const FORK_UNTIL_REFUSED = `
import os, signal, time
children = []
try:
  while len(children) < 1000:
    child = os.fork()
    if child == 0: time.sleep(60)
    children.append(child)
except BlockingIOError:
  print("refused after", len(children))
for child in children: os.kill(child, signal.SIGKILL)
for child in children: os.waitpid(child, 0)
`;

/** An image with a mark, and without what the executor image brings. */
async function buildBareImage({ docker, options, folder }: DockerFixture): Promise<void> {
  const context = join(folder, 'bare');
  await mkdir(context);
  await writeFile(
    join(context, 'Dockerfile'),
    `FROM ${options.image}\nUSER root\nRUN rm -rf /opt/node /opt/executor /usr/local/bin/node && echo bare > /bare\n`,
  );
  const build = await docker.buildImage(
    { context, src: ['Dockerfile'] },
    { t: 'bare:test', networkmode: 'none' },
  );
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(build, (error) => (error ? reject(error) : resolve()));
  });
}
