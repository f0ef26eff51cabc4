import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describeWith, temporaryFolder, waitFor } from '@wegent/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { e2eConfig } from '../support/config.ts';
import { startKubeServer } from '../support/kube-server.ts';
import { createKubectl, type Kubectl } from '../support/kubectl.ts';
import { newPerson, type Person, withApiKey } from '../support/person.ts';
import { runInTerminal } from '../support/task-terminal.ts';
import { document, yaml } from './documents.ts';

// Any Task of an agent that works in a sandbox has one, also when its engine is not installed.
const TASK = yaml(document('Task', 'work', { prompt: 'Work.', teamRef: { name: 'coder' } }));

describeWith(['kubectl', 'bubblewrap'], 'kubectl in the sandbox of a Task', () => {
  let resources: AsyncDisposableStack;
  let folder: string;
  let kubectl: Kubectl;
  let reporter: Kubectl;
  let admin: Person;
  let url: string;

  beforeAll(async () => {
    resources = new AsyncDisposableStack();
    const started = resources.use(await startKubeServer({ env: { SANDBOX: 'local' } }));
    const { server, cluster } = started;
    admin = started.admin;
    url = server.url;
    folder = resources.use(await temporaryFolder()).path;
    kubectl = await createKubectl({
      ...cluster,
      folder: path.join(folder, 'admin'),
      token: admin.token,
      namespace: 'crew',
    });
    const eve = await withApiKey(server.url, await newPerson(server.url, admin, 'eve'));
    reporter = await createKubectl({
      ...cluster,
      folder: path.join(folder, 'eve'),
      token: eve.token,
      namespace: 'crew',
    });
    await kubectl(['create', 'namespace', 'crew']);
    await fetch(`${server.url}/api/v1/namespaces/crew/members/eve`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ role: 'Reporter' }),
    });
    const solo = yaml(document('Task', 'solo', { prompt: 'Work.', teamRef: { name: 'coder' } }));
    expect((await kubectl(['apply', '-f', '-'], { input: solo })).output).toMatch(/created/);
    const group = yaml(
      document('Task', 'work', { prompt: 'Work.', teamRef: { name: 'coder' }, participants: ['eve'] }),
    );
    expect((await kubectl(['apply', '-f', '-'], { input: group })).output).toMatch(/created/);
    expect((await kubectl(['apply', '-n', 'default', '-f', '-'], { input: TASK })).output).toMatch(/created/);
  });
  afterAll(() => resources?.disposeAsync());

  test('exec runs a command, with its exit code, its errors and its input', async () => {
    const run = await kubectl(['exec', 'work', '--', 'sh', '-c', 'echo "out $HOME"; echo err >&2; exit 3']);
    expect(run.output).toMatch(/out \/home\/agent/);
    expect(run.output).toMatch(/^err$/m);
    expect(run.code).toBe(3);
    expect((await kubectl(['exec', '-i', 'work', '--', 'cat'], { input: 'one\ntwo\n' })).output).toBe(
      'one\ntwo\n',
    );
    expect((await kubectl(['exec', 'work', '-c', 'other', '--', 'id'])).output).toMatch(
      /container other is not valid/,
    );
  });

  test('cp carries folders and bytes both ways', async () => {
    const place = path.join(folder, 'admin');
    await mkdir(path.join(place, 'there', 'sub folder'), { recursive: true });
    const files: Record<string, Buffer> = {
      'sub folder/雪 ☃.bin': randomBytes(5_000_000),
      'plain.txt': Buffer.from('plain\n'),
      empty: Buffer.alloc(0),
    };
    for (const [name, bytes] of Object.entries(files))
      await writeFile(path.join(place, 'there', name), bytes);
    const into = await kubectl(['cp', 'there', 'work:/workspace/there']);
    expect(into.code, into.output).toBe(0);
    const back = await kubectl(['cp', 'work:/workspace/there', 'back']);
    expect(back.code, back.output).toBe(0);
    for (const [name, bytes] of Object.entries(files))
      expect((await readFile(path.join(place, 'back', name))).equals(bytes), name).toBe(true);
  });

  test('a command that is not there, and what it leaves to a slow reader', async () => {
    const nothing = await kubectl(['exec', 'work', '--', 'no-such-program']);
    expect(nothing.output).toMatch(/no-such-program: not found/);
    expect(nothing.code).toBe(127);
    const killed = await kubectl(['exec', 'work', '--', 'sh', '-c', 'kill -TERM $$']);
    expect(killed.code).toBe(143);
    const slow = await kubectl(
      ['exec', 'work', '--', 'sh', '-c', 'yes 0123456789abcde | head -c 10000000; echo end'],
      { readAfterMs: 1_000 },
    );
    expect(slow.code).toBe(0);
    expect(slow.output.length).toBe(10_000_004);
    expect(slow.output.endsWith('end\n')).toBe(true);
  });

  test('input that nobody reads waits, and a client that goes takes its command along', async () => {
    const marker = `60${Math.floor(Math.random() * 1e9)}`;
    // Two processes, so that a whole group has to go.
    const run = await kubectl(
      ['exec', '-i', 'work', '--', 'sh', '-c', `echo up; sleep ${marker} & sleep ${marker}`],
      {
        input: 'x'.repeat(3_000_000),
        until: /up/,
      },
    );
    expect(run.output).toMatch(/up/);
    const left = [
      'exec',
      'work',
      '--',
      'sh',
      '-c',
      `cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'sleep [6]${marker.slice(1)}'`,
    ];
    await waitFor(async () => (await kubectl(left)).output.startsWith('0'), {
      what: 'the command to end',
      timeoutMs: 20_000,
    });
  });

  test('a terminal has a size and Ctrl+C', async () => {
    const command = ['exec', '-it', 'work', '--', 'sh', '-c', "'stty size; sleep 100; echo over'"];
    const screen = await onTerminal(['kubectl', '--kubeconfig', kubectl.kubeconfig, ...command].join(' '), {
      after: /31 101/,
      keys: '\u0003',
    });
    expect(screen.output).toMatch(/31 101/);
    expect(screen.output).not.toMatch(/over/);
    expect(screen.code).toBe(130);
  });

  test('at most twenty at once, with a clear answer to the next', async () => {
    const taskId = await uidOf('work');
    const wait = 'for i in $(seq 200); do [ -e /tmp/go ] && break; sleep 0.2; done; echo went';
    const held = Array.from({ length: 21 }, () => kubectl(['exec', 'work', '--', 'sh', '-c', wait]));
    expect((await Promise.race(held)).output).toMatch(/at most 20 commands can run/);
    await runInTerminal({ person: admin, taskId, command: 'touch /tmp/go' });
    const outputs = (await Promise.all(held)).map(({ output }) => output.trim());
    expect(outputs.filter((output) => output === 'went')).toHaveLength(20);
    expect((await kubectl(['exec', 'work', '--', 'true'])).code).toBe(0);
  });

  test('attach says something to the agent, and shows what comes of it', async () => {
    // Its engine is not installed here, so that is what comes of it.
    const said = await kubectl(['attach', '-i', 'solo'], { input: 'Go on.\n' });
    expect(said.output).toMatch(/--- failed: Claude Code is not installed/);
    expect(said.code).toBe(1);
    const terminal = await onTerminal(`kubectl --kubeconfig ${kubectl.kubeconfig} attach -it solo`, {
      after: /Unable to use a TTY/,
      keys: 'Once more.\n',
    });
    expect(terminal.output).toMatch(/--- failed: Claude Code is not installed/);
    const messages = await fetch(`${url}/api/v1/tasks/${await uidOf('solo')}/messages`, {
      headers: { authorization: `Bearer ${admin.token}` },
    });
    const texts = (await messages.json()).items.map(({ text }: { text: string }) => text);
    expect(texts).toEqual(expect.arrayContaining(['Go on.', 'Once more.']));
    expect((await kubectl(['attach', 'solo'])).output).toMatch(/nothing runs in pod solo/);
    expect((await reporter(['attach', '-i', 'work'], { input: 'Mine.\n' })).output).toMatch(/forbidden/i);
  });

  test('logs: parts of it, for a selector, and none from before', async () => {
    const all = (await kubectl(['logs', 'solo'])).output;
    expect(all).toMatch(/^--- coder/);
    expect((await kubectl(['logs', 'solo', '--tail=1'])).output.trim()).toBe(all.trim().split('\n').at(-1));
    expect((await kubectl(['logs', 'solo', '--tail=0'])).output).toBe('');
    expect((await kubectl(['logs', 'solo', '--limit-bytes=9'])).output).toBe(all.slice(0, 9));
    expect((await kubectl(['logs', 'solo', '--since-time=2000-01-01T00:00:00Z'])).output).toBe(all);
    expect((await kubectl(['logs', 'solo', '--since-time=2999-01-01T00:00:00Z'])).output).toBe('');
    expect((await kubectl(['logs', 'solo', '--since=1h', '--timestamps'])).output).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+Z --- coder/,
    );
    expect((await kubectl(['logs', '-l', 'task=solo', '--prefix', '--all-containers'])).output).toMatch(
      /^\[pod\/solo\/agent\] --- coder/,
    );
    expect((await kubectl(['logs', '-f', 'solo'])).output).toBe(all);
    expect((await kubectl(['logs', 'solo', '--previous'])).output).toMatch(/previous terminated container/);
  });

  test('a Pod is read, described and waited for, and changed in no way', async () => {
    const failed = /solo +0\/1 +Failed/;
    expect((await kubectl(['get', 'pods', '-w'], { until: failed })).output).toMatch(failed);
    expect((await kubectl(['describe', 'pod', 'solo'])).output).toMatch(
      /Controlled By: +Task\/solo[\s\S]*Exit Code: +1[\s\S]*Failed/,
    );
    const until = (what: string) => kubectl(['wait', `--for=${what}`, 'pod/solo', '--timeout=20s']);
    expect((await until('condition=Ready=false')).output).toMatch(/condition met/);
    expect((await until('jsonpath={.status.reason}=Failed')).output).toMatch(/condition met/);
    const deleted = await kubectl(['delete', 'pod', 'solo']);
    expect(deleted.output).toMatch(/MethodNotAllowed.*kubectl delete task/);
    expect((await kubectl(['label', 'pod', 'solo', 'a=b'])).output).toMatch(/MethodNotAllowed/);
  });

  test('who only reads gets no shell, nor does who takes no part', async () => {
    expect((await reporter(['logs', 'work'])).code).toBe(0);
    expect((await reporter(['auth', 'can-i', 'create', 'pods', '--subresource=exec'])).output).toMatch(/^no/);
    const refused = await reporter(['exec', 'work', '--', 'id']);
    expect(refused.output).toMatch(/forbidden/i);
    expect(refused.output).not.toMatch(/uid=/);
    expect((await reporter(['exec', '-n', 'default', 'work', '--', 'id'])).output).toMatch(/not found/);
  });

  async function uidOf(task: string): Promise<string> {
    return (await kubectl(['get', 'task', task, '-o', 'jsonpath={.metadata.uid}'])).output;
  }
});

/** Runs a line of shell on a terminal of 101 × 31, and types when it shows something. */
function onTerminal(
  line: string,
  { after, keys }: { after: RegExp; keys: string },
): Promise<{ output: string; code: number | null }> {
  const args = [
    '--quiet',
    '--flush',
    '--return',
    '--command',
    `stty cols 101 rows 31; exec ${line}`,
    '/dev/null',
  ];
  const child = spawn('script', args, {
    env: e2eConfig.childEnvironment,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    let output = '';
    let typed = false;
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${line} took too long:\n${output}`));
    }, 30_000);
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      if (typed || !after.test(output)) return;
      typed = true;
      child.stdin.write(keys);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ output, code });
    });
  });
}
