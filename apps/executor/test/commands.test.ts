import { createProcessFrameReader } from '@wegent/api';
import { waitFor } from '@wegent/testing';
import { describe, expect, test } from 'vitest';
import { type Harness, send, startHarness } from './harness.ts';

interface Request {
  stdin?: boolean;
  tty?: { cols: number; rows: number };
}

describe('commands', () => {
  test('have both outputs apart, arguments as they are, and an exit code', async () => {
    await using harness = await startHarness();
    const run = await start(harness, [
      'sh',
      '-c',
      'printf "%s|" "$@"; echo err >&2; exit 7',
      'x',
      "it's\n$HOME",
      '',
    ]);
    await run.ended;
    expect(run.shown()).toEqual({ stdout: "it's\n$HOME||", stderr: 'err\n', code: 7 });
    const killed = await start(harness, ['sh', '-c', 'kill -TERM $$']);
    await killed.ended;
    expect(killed.shown().code).toBe(143);
    const nothing = await start(harness, ['/nowhere/nothing']);
    await nothing.ended;
    expect(nothing.shown()).toEqual({ stdout: '', stderr: '/nowhere/nothing: not found\n', code: 127 });
    expect((await harness.call('POST', '/v1/commands', { command: ['a\0b'], stdin: false })).status).toBe(
      422,
    );
  });

  test('take input of any bytes until it ends', async () => {
    await using harness = await startHarness();
    const run = await start(harness, ['sh', '-c', 'sha256sum; echo end'], { stdin: true });
    const bytes = Buffer.from(Array.from({ length: 60_000 }, (_, index) => index % 256));
    expect((await run.type(bytes)).status).toBe(204);
    expect((await run.type(bytes)).status).toBe(204);
    await run.end();
    await run.ended;
    expect(run.shown()).toMatchObject({ stdout: expect.stringMatching(/^[0-9a-f]{64} .*\nend\n$/), code: 0 });
    const deaf = await start(harness, ['true'], { stdin: true });
    await deaf.ended;
    expect(deaf.shown().code).toBe(0);
  });

  test('make a slow reader miss nothing, and wait for it', async () => {
    await using harness = await startHarness();
    const size = 20_000_000;
    const run = await start(harness, ['sh', '-c', `head -c ${size} /dev/zero; echo >&2 written`], {}, false);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(run.shown().stderr).toBe('');
    run.resume();
    await run.ended;
    expect(run.shown()).toMatchObject({ stderr: 'written\n', code: 0 });
    expect(run.shown().stdout.length).toBe(size);
  });

  test('have a terminal with a size where they ask for one', async () => {
    await using harness = await startHarness();
    const run = await start(
      harness,
      ['sh', '-c', 'stty size; read a; stty size; read b; test -t 0; exit 4'],
      {
        tty: { cols: 91, rows: 23 },
      },
    );
    await run.until(/23 91/);
    expect((await run.resize({ cols: 120, rows: 40 })).status).toBe(204);
    await run.type(Buffer.from('x\n'));
    await run.until(/40 120/);
    await run.end();
    await run.ended;
    expect(run.shown().code).toBe(4);
  });

  test('end with their reader, and with what they started', async () => {
    await using harness = await startHarness();
    for (const tty of [undefined, { cols: 80, rows: 24 }]) {
      const run = await start(
        harness,
        ['sh', '-c', 'sleep 300 & echo one=$!.; sleep 300 & echo two=$!.; wait'],
        tty ? { tty } : {},
      );
      await run.until(/one=\d+\.\s+two=\d+\./);
      const pids = [...run.shown().stdout.matchAll(/=(\d+)\./g)].map(([, pid]) => Number(pid));
      expect(pids).toHaveLength(2);
      run.leave();
      await waitFor(() => pids.every((pid) => !isAlive(pid)), { what: 'all of it to end' });
    }
  });

  test('end although something that they left behind holds their output', async () => {
    await using harness = await startHarness();
    const run = await start(harness, ['sh', '-c', 'sleep 300 & echo pid=$!.; exit 5']);
    await run.ended;
    expect(run.shown().code).toBe(5);
    process.kill(Number(/pid=(\d+)/.exec(run.shown().stdout)?.[1]), 'SIGKILL');
  });

  test('are at most twenty, and are read once', async () => {
    await using harness = await startHarness();
    const open = () => harness.call('POST', '/v1/commands', { command: ['sleep', '300'], stdin: false });
    const answers = await Promise.all(Array.from({ length: 20 }, open));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect((await open()).status).toBe(429);
    const [path = ''] = answers.map(({ json }) => `/v1/commands/${json.commandId}`);
    const response = await send({ socketPath: harness.socketPath, method: 'GET', path: `${path}/output` });
    response.on('error', () => {});
    expect((await harness.call('GET', `${path}/output`)).status).toBe(409);
    expect((await harness.call('DELETE', path)).status).toBe(204);
    expect((await open()).status).toBe(201);
    expect((await harness.call('POST', `${path}/input`, Buffer.from('x'))).status).toBe(404);
    response.destroy();
  });
});

async function start(harness: Harness, command: string[], request: Request = {}, flowing = true) {
  const started = await harness.call('POST', '/v1/commands', { command, stdin: false, ...request });
  expect(started.status, started.text).toBe(201);
  const path = `/v1/commands/${started.json.commandId}`;
  const response = await send({ socketPath: harness.socketPath, method: 'GET', path: `${path}/output` });
  response.on('error', () => {});
  const text = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  let code: number | undefined;
  const read = createProcessFrameReader((name, content) => {
    if (name === 'exit') code = content[0];
    else if (name !== 'stdin') text[name].push(Buffer.from(content));
  });
  const resume = () => void response.on('data', read);
  if (flowing) resume();
  const ended = new Promise<void>((resolve) => response.once('close', resolve));
  const shown = () => ({
    stdout: Buffer.concat(text.stdout).toString('latin1'),
    stderr: Buffer.concat(text.stderr).toString('latin1'),
    code,
  });
  return {
    shown,
    ended,
    resume,
    leave: () => response.destroy(),
    type: (bytes: Buffer) => harness.call('POST', `${path}/input`, bytes),
    end: () => harness.call('POST', `${path}/end`),
    resize: (size: { cols: number; rows: number }) => harness.call('POST', `${path}/resize`, size),
    until: (wanted: RegExp) =>
      waitFor(() => wanted.test(shown().stdout), { what: `${wanted} in the output` }),
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
