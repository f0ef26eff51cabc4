import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { lstat, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describeWith, findProgram, holdMachineLock, temporaryFolder } from '@wegent/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLocalDriver, HOST_USERS, type Sandbox, type SandboxDriver } from '../src/index.ts';
import { syscallsOf } from '../src/local/syscalls.ts';
import { openFilesOf, runIn, STAND_IN, TOKEN } from './stand-in.ts';

const run = promisify(execFile);
const SECRET = `secret-${randomBytes(8).toString('hex')}`;
const isRoot = process.getuid?.() === 0;

describeWith(['bubblewrap'], 'out of a local sandbox', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let driver: SandboxDriver;
  let sandbox: Sandbox;
  let other: Sandbox;
  let secretFile: string;
  const inside = (command: string) => runIn(sandbox, command);
  const specOf = (id: string) => ({
    id,
    labels: { taskId: 'task', namespace: 'default' },
    limits: { memory: '512Mi', pids: 128 },
    folder: join(folder.path, 'sandboxes', id),
    token: TOKEN,
    env: {},
    startMs: 60_000,
  });

  beforeAll(async () => {
    folder = await temporaryFolder();
    secretFile = join(folder.path, 'secret');
    await writeFile(secretFile, SECRET, { mode: 0o644 });
    driver = await createLocalDriver({
      stateFolder: join(folder.path, 'state'),
      nodePath: process.execPath,
      executorFile: STAND_IN,
      enginesFolder: join(folder.path, 'engines'),
    });
    sandbox = await driver.create(specOf('one'));
    other = await driver.create(specOf('two'));
    await runIn(other, `echo ${SECRET} > /workspace/secret; chmod -R 777 /workspace`);
  });

  afterAll(async () => {
    await driver?.removeOrphans(new Set());
    await folder?.[Symbol.asyncDispose]();
  });

  test('the files of the host are not there', async () => {
    const repository = resolve(import.meta.dirname, '../../..');
    for (const place of [
      secretFile,
      '/etc/shadow',
      '/root',
      repository,
      '/etc/ssl/private',
      '/var/lib',
      '/sys',
      '/boot',
    ]) {
      const { code, stderr } = await inside(`cat ${place} || ls ${place}`);
      expect(code, place).not.toBe(0);
      expect(stderr, place).toMatch(/No such file/);
    }
    const ways = [
      '/proc/1/root',
      '/proc/self/root',
      '/proc/self/cwd/../..',
      '/workspace/..',
      '/run/wegent/../..',
    ];
    for (const way of ways) {
      const { stdout, stderr } = await inside(`cat ${way}${secretFile}`);
      expect(stdout, way).not.toContain(SECRET);
      expect(stderr, way).toMatch(/No such file|Permission denied/);
    }
    const { stdout } = await inside('ls -A / /home /run /opt /var | grep -v :');
    const seen = new Set(stdout.split('\n').filter(Boolean));
    const system = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32', 'usr', 'etc', 'dev', 'proc', 'tmp'];
    const own = ['workspace', 'home', 'agent', 'run', 'wegent', 'opt', 'executor', 'node', 'engines', 'var'];
    expect([...seen].filter((name) => !system.includes(name) && !own.includes(name))).toEqual([]);
  });

  test('settings, sources and data of the administrator below /usr are not there', async () => {
    const places = '/usr/etc /usr/src /usr/local/etc /usr/local/src /usr/local/var';
    const { stdout } = await inside(
      `for p in ${places}; do [ ! -e $p ] || find $p -mindepth 1; done; echo end`,
    );
    expect(stdout).toBe('end\n');
  });

  test('the files of another sandbox are not there', async () => {
    await expect(readFile(join(folder.path, 'sandboxes/two/workspace/secret'), 'utf8')).resolves.toContain(
      SECRET,
    );
    const { stdout } = await inside(
      `cat ${folder.path}/sandboxes/two/workspace/secret /workspace/../../two/workspace/secret; grep -rs ${SECRET.slice(0, 10)} /workspace /home /run /tmp /opt/engines /etc | head; echo end`,
    );
    expect(stdout).toBe('end\n');
  });

  test('the processes of the host and of other sandboxes are not there, and cannot be ended', async () => {
    const bystander = spawn('sleep', ['98764321']);
    try {
      await once(bystander, 'spawn');
      const seen = await inside("cat /proc/[0-9]*/cmdline | tr '\\0' ' '");
      expect(seen.stdout).toContain('stand-in-executor');
      expect(seen.stdout).not.toContain('98764321');
      expect(seen.stdout.match(/stand-in-executor/g)).toHaveLength(2);
      for (const pid of [bystander.pid, process.pid]) {
        const { code, stderr } = await inside(`kill -9 ${pid}`);
        expect(code).not.toBe(0);
        expect(stderr).toMatch(/No such process/);
      }
      // All that it may signal, itself included.
      await inside('kill -9 -1').catch(() => undefined);
      expect(bystander.exitCode ?? bystander.signalCode).toBe(null);
      await expect(runIn(other, 'echo alive')).resolves.toMatchObject({ stdout: 'alive\n' });
    } finally {
      bystander.kill('SIGKILL');
      await sandbox.kill();
      sandbox = await driver.create(specOf('one'));
    }
  });

  test('there is no way to the loopback of the host, nor to any address', async () => {
    const server = createServer((socket) => socket.end());
    server.listen(0, '0.0.0.0');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    try {
      await expect(reaches('127.0.0.1', port)).resolves.toBe(true);
      const interfaces = await inside('cat /proc/net/dev | tail -n +3 | cut -d: -f1');
      expect(interfaces.stdout.trim()).toBe('lo');
      for (const address of ['127.0.0.1', '10.0.0.1', '172.17.0.1', '192.168.0.1', '169.254.169.254']) {
        await expect(insideReaches(address, port)).resolves.not.toBe('reached');
      }
      const { stdout } = await inside(
        'cat /proc/net/route /proc/net/fib_trie | grep -E "[1-9]" | grep -v 127. | grep -vi iface | grep -E "([0-9]+\\.){3}[1-9]"; echo end',
      );
      expect(stdout).toBe('end\n');
    } finally {
      server.close();
    }
  });

  test.skipIf(!isRoot || !findProgram('ip'))(
    'the metadata service and the local network cannot be reached (needs root and iproute2)',
    async () => {
      await using network = await otherHosts();
      for (const address of network.addresses) {
        await expect(reaches(address, network.port), `${address} from the host`).resolves.toBe(true);
        await expect(insideReaches(address, network.port)).resolves.toMatch(/unreachable/i);
      }
    },
    180_000,
  );

  test('abstract sockets of the host cannot be reached', async () => {
    const name = `wegent-${randomBytes(6).toString('hex')}`;
    const server = createServer((socket) => socket.end());
    server.listen(`\0${name}`);
    await once(server, 'listening');
    try {
      const socket = connect(`\0${name}`);
      await once(socket, 'connect');
      socket.destroy();
      await expect(insideNode(connectProgram(`'\\0${name}'`))).resolves.toBe('ECONNREFUSED');
    } finally {
      server.close();
    }
  });

  test('the system cannot be written, the places of the agent can', async () => {
    const places =
      '/ /usr /usr/bin /usr/local /bin /lib /etc /etc/ssl /opt /opt/node /opt/node/bin /opt/executor /opt/engines /home /run /var /dev /dev/pts /proc /proc/sys/kernel';
    const { stdout } = await inside(
      `for p in ${places}; do touch $p/w 2>/dev/null && echo $p; done; echo end`,
    );
    expect(stdout).toBe('end\n');
    const files =
      '/opt/node/bin/node /opt/executor/stand-in-executor.mjs /etc/passwd /usr/bin/env /proc/sys/kernel/hostname /proc/sys/user/max_user_namespaces /proc/sysrq-trigger';
    const written = await inside(
      `for f in ${files}; do (echo x >> $f) 2>/dev/null && echo $f; done; echo end`,
    );
    expect(written.stdout).toBe('end\n');
    const remounted = await inside('mount -o remount,rw / || mount --bind /tmp /usr');
    expect(remounted.code).not.toBe(0);
    const own = await inside(
      'for p in /workspace /home/agent /tmp /var/tmp /dev/shm; do touch $p/w || echo $p; done; echo end',
    );
    expect(own.stdout).toBe('end\n');
  });

  test('the kernel tells nothing of the whole machine that could help', async () => {
    const files = '/proc/kcore /proc/keys /proc/kallsyms /proc/timer_list /proc/cmdline /proc/config.gz';
    const { stdout } = await inside(`head -qc 1 ${files}; echo end`);
    expect(stdout).toBe('end\n');
    expect((await readFile('/proc/cmdline', 'utf8')).length).toBeGreaterThan(0);
  });

  test('memory files are limited', async () => {
    for (const [place, most] of [
      ['/tmp', 256],
      ['/dev/shm', 128],
    ] as const) {
      const { stdout } = await inside(`df -m ${place} | tail -1 | awk '{print $2}'`);
      expect(Number(stdout)).toBe(most);
    }
  });

  test('no rights, and no way to more of them', async () => {
    const status = (await inside('cat /proc/self/status')).stdout;
    for (const line of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
      expect(status).toMatch(new RegExp(`^${line}:\\s+0+$`, 'm'));
    }
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(status).toMatch(/^Seccomp:\s+2$/m);
    expect(status).toMatch(/^Uid:\s+1000\s+1000\s+1000\s+1000$/m);
    expect(status).toMatch(/^Groups:\s*(1000|65534)?\s*$/m);
    const users = await Promise.all(['one', 'two'].map(hostUserOf));
    if (isRoot) {
      expect(Math.min(...users)).toBeGreaterThanOrEqual(HOST_USERS.first);
      expect(new Set(users).size).toBe(2);
    } else expect(users).toEqual([process.getuid?.(), process.getuid?.()]);
    const suid = await inside(
      'cp /usr/bin/id /workspace/id && chmod 6755 /workspace/id && /workspace/id -u; su -c id 2>&1',
    );
    expect(suid.stdout).toMatch(/^1000\n/);
    expect(suid.stdout).not.toContain('uid=0');
    const mounts = (await inside('cat /proc/self/mounts')).stdout.trim().split('\n');
    expect(mounts.filter((line) => !/\bnosuid\b/.test(line))).toEqual([]);
  });

  test('no user name space can be made', async () => {
    for (const command of [
      'unshare -U true',
      'unshare -r id',
      'unshare -n true',
      'bwrap --ro-bind / / true',
    ]) {
      const { code, stderr } = await inside(command);
      expect(code, command).not.toBe(0);
      expect(stderr, command).toMatch(/not permitted|No permissions|No space|denied|not found/i);
    }
  });

  test('system calls that agents do not need are refused', async ({ skip }) => {
    if (!findProgram('perl')) skip('perl is missing, with which the calls are made');
    const { denied, special } = syscallsOf(process.arch === 'arm64' ? 'arm64' : 'x64');
    const calls = [...denied.values(), special.clone3].join(',');
    const program = `perl -e 'for (${calls}) { $! = 0; my $r = syscall($_, 0, 0, 0, 0, 0, 0); print "$_:", $r == -1 ? $!+0 : "worked", "\\n" }'`;
    const { stdout } = await inside(program);
    const answers = new Map(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(':') as [string, string]),
    );
    for (const [name, number] of denied) expect(answers.get(String(number)), name).toBe('1');
    expect(answers.get(String(special.clone3))).toBe('38');
    // The same calls do other things outside: it is the filter that refuses.
    const unshare = denied.get('unshare');
    const outside = await run('perl', ['-e', `print syscall(${unshare}, 0)`]);
    expect(outside.stdout).toBe('0');
    // clone with a new user name space; terminal tricks; sockets of other families.
    const more = await inside(
      `perl -e 'for ([${special.clone}, 0x10000011, 0], [${special.ioctl}, 0, 0x5412], [${special.socket}, 40, 1], [${special.socket}, 17, 3], [${special.socket}, 38, 5], [${special.socket}, 16, 3, 12], [${special.socket}, 16, 3, 0], [${special.socket}, 2, 1, 0]) { my ($n, @a) = @$_; $! = 0; my $r = syscall($n, @a, 0, 0, 0); print $r == -1 ? $!+0 : "worked", " " }'`,
    );
    expect(more.stdout.trim()).toBe('1 1 97 97 97 97 worked worked');
  });

  test('the executor cannot be looked into, and its socket is out of reach', async () => {
    expect((await inside('ls /run/wegent')).stdout).not.toContain('executor.sock');
    await expect(insideNode(connectProgram("'/run/wegent/executor.sock'"))).resolves.toBe('ENOENT');
    const pid = (await inside('echo $PPID')).stdout.trim();
    for (const file of ['mem', 'environ', 'maps', 'fd/', 'cwd/', 'root/']) {
      const { stdout, stderr } = await inside(
        `head -c 1 /proc/${pid}/${file} 2>&1 >/dev/null || ls /proc/${pid}/${file}`,
      );
      expect(stdout + stderr, file).toMatch(/Permission denied/);
    }
    expect((await inside('cat /opt/node/bin/node')).stderr).toMatch(/Permission denied/);
    await expect(lstat(join(folder.path, 'sandboxes/one/executor.sock'))).resolves.toMatchObject({});
    expect(((await lstat(join(folder.path, 'sandboxes/one/executor.sock'))).mode & 0o777).toString(8)).toBe(
      '600',
    );
  });

  test('the executor holds no file of the host open but its log', async () => {
    const places = (await openFilesOf(sandbox)).map((line) => line.replace(/^\d+ /, ''));
    const real = places.filter((place) => place.startsWith('/') && !place.startsWith('/proc/'));
    expect(new Set(real)).toEqual(new Set(['/dev/null', join(folder.path, 'sandboxes/one/executor.log')]));
  });

  test('links out of the workspace lead nowhere', async () => {
    const { stdout, stderr } = await inside(
      `cd /workspace; ln -s ${secretFile} link; cat link; ln -s ${folder.path} up; ls up/; ln /etc/passwd hard; ln /opt/executor/stand-in-executor.mjs hard2; ls hard hard2`,
    );
    expect(stdout).toBe('');
    expect(stderr.match(/No such file/g)?.length).toBeGreaterThanOrEqual(4);
    expect(stderr).toMatch(/cross-device link/i);
  });

  test('links that an agent left trick the next start into nothing', async () => {
    const spec = specOf('trap');
    const first = await driver.create(spec);
    await runIn(
      first,
      `cd /run/wegent; ln -s ${secretFile} token; ln -s ${secretFile} executor.sock; ln -s ${secretFile} gateway.sock; ln -s ${folder.path} /workspace/up; ln -s ${secretFile} /home/agent/link`,
    );
    await first.kill();
    const before = await lstat(secretFile);
    const second = await driver.create({ ...spec, id: 'trap2' });
    await expect(runIn(second, 'echo works')).resolves.toMatchObject({ stdout: 'works\n' });
    const after = await lstat(secretFile);
    expect([after.uid, after.gid, after.mode, after.mtimeMs]).toEqual([
      before.uid,
      before.gid,
      before.mode,
      before.mtimeMs,
    ]);
    await expect(readFile(secretFile, 'utf8')).resolves.toBe(SECRET);
    // The other user of the second sandbox owns what was there, but for what links lead to.
    await expect(runIn(second, 'stat -c %u /home/agent /workspace')).resolves.toMatchObject({
      stdout: '1000\n1000\n',
    });
    await second.kill();
  });

  test('a part of the folder that is a link is refused', async () => {
    const spec = specOf('linked');
    await mkdir(spec.folder, { recursive: true });
    await symlink('/etc', join(spec.folder, 'workspace'));
    await expect(driver.create(spec)).rejects.toThrow(/workspace has to be a folder|EEXIST/);
    await rm(spec.folder, { recursive: true });
  });

  test('devices are those that programs need', async () => {
    const { stdout } = await inside('find /dev ! -type d ! -type l ! -path "/dev/shm/*" | sort');
    const found = stdout
      .trim()
      .split('\n')
      .filter((place) => !/^\/dev\/pts\/\d+$/.test(place));
    expect(found).toEqual([
      '/dev/full',
      '/dev/null',
      '/dev/pts/ptmx',
      '/dev/random',
      '/dev/tty',
      '/dev/urandom',
      '/dev/zero',
    ]);
    expect((await inside('echo x > /dev/tty')).code).not.toBe(0);
    expect((await inside('mknod /workspace/sda b 8 0')).code).not.toBe(0);
  });

  test('an id cannot leave its folder, and a folder has to be absolute', async () => {
    await expect(driver.create({ ...specOf('x'), id: '../x' })).rejects.toMatchObject({ reason: 'Invalid' });
    await expect(driver.create({ ...specOf('x'), folder: 'x' })).rejects.toMatchObject({ reason: 'Invalid' });
    expect(existsSync(join(folder.path, 'x.sandbox.json'))).toBe(false);
  });

  /** Whom the host takes its first process for. */
  async function hostUserOf(id: string): Promise<number> {
    const record = JSON.parse(await readFile(join(folder.path, `state/${id}.sandbox.json`), 'utf8'));
    const status = await readFile(`/proc/${record.first.pid}/status`, 'utf8');
    return Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]);
  }

  async function insideReaches(address: string, port: number): Promise<string> {
    const { code, stderr } = await inside(`timeout 5 bash -c '</dev/tcp/${address}/${port}'`);
    return code === 0 ? 'reached' : stderr;
  }

  async function insideNode(program: string): Promise<string> {
    const { stdout, stderr } = await inside(`/opt/node/bin/node -e "${program}"`);
    return stdout.trim() || stderr;
  }
});

function connectProgram(path: string): string {
  return `require('node:net').connect(${path}).on('connect', () => console.log('reached')).on('error', (error) => console.log(error.code))`;
}

function reaches(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port, timeout: 5000 });
  return new Promise((done) => {
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('timeout', () => done(false));
    socket.once('close', () => done(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Other hosts of this test's own, behind a network of its own: nothing leaves the machine. */
async function otherHosts(): Promise<AsyncDisposable & { addresses: string[]; port: number }> {
  const name = `wt${randomBytes(4).toString('hex')}`;
  const lan = `10.${200 + ((randomBytes(1)[0] ?? 0) % 50)}.${randomBytes(1)[0]}`;
  const addresses = ['169.254.169.254', `${lan}.2`];
  const program = findProgram('ip') ?? '';
  const ip = (...args: string[]) => run(program, args);
  let server: ChildProcess | undefined;
  // There is one metadata service on a machine, and other suites have it for a while.
  const lock = await holdMachineLock('wegent-test-other-hosts');
  const dispose = async () => {
    server?.kill('SIGKILL');
    await ip('netns', 'del', name).catch(() => {});
    await ip('link', 'del', `${name}a`).catch(() => {});
    await lock[Symbol.asyncDispose]();
  };
  try {
    await ip('netns', 'add', name);
    await ip('link', 'add', `${name}a`, 'type', 'veth', 'peer', 'name', `${name}b`, 'netns', name);
    await ip('addr', 'add', `${lan}.1/30`, 'dev', `${name}a`);
    await ip('link', 'set', `${name}a`, 'up');
    for (const address of addresses) await ip('-n', name, 'addr', 'add', `${address}/30`, 'dev', `${name}b`);
    await ip('-n', name, 'link', 'set', `${name}b`, 'up');
    await ip('-n', name, 'route', 'add', 'default', 'via', `${lan}.1`, 'onlink', 'dev', `${name}b`);
    await ip('route', 'add', '169.254.169.254/32', 'via', `${lan}.2`, 'dev', `${name}a`);
    const listen =
      "const s = require('node:net').createServer((c) => c.end()).listen(0, '0.0.0.0', () => console.log(s.address().port))";
    server = spawn(program, ['netns', 'exec', name, process.execPath, '-e', listen], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (!server.stdout) throw new Error('it has no output');
    for await (const line of createInterface({ input: server.stdout })) {
      return { addresses, port: Number(line), [Symbol.asyncDispose]: dispose };
    }
    throw new Error('the other host did not start');
  } catch (error) {
    await dispose();
    throw error;
  }
}
