import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeWith, temporaryFolder } from '@wegent/testing';
import { describe, expect, it } from 'vitest';
import { agentPids, createSandbox, historyAfter } from './claude-harness.ts';

describeWith(['claude-code'], 'failures of Claude Code', () => {
  it.each([
    ['401', 'ModelAuth', false],
    ['403', 'ModelAuth', false],
    ['400', 'ModelBadRequest', false],
    ['404', 'ModelBadRequest', false],
    ['429 retry-after=0', 'ModelRateLimit', true],
    ['529', 'ModelOverloaded', true],
    ['503', 'ModelOverloaded', true],
    ['500', 'ModelUnavailable', true],
    ['context', 'ContextTooLong', false],
    ['cut 3', 'ModelUnavailable', true],
    ['malformed 3', 'ModelUnavailable', true],
    ['sse-error 3', 'ModelUnavailable', true],
  ] as const)('[[fault %s]] is %s', async (fault, reason, retryable) => {
    await using sandbox = await createSandbox();
    const spec = sandbox.spec(`[[fault ${fault}]] echo one two three four five six seven`);
    const ran = await sandbox.run(spec);
    expect(ran.failure).toMatchObject({ reason, retryable, message: expect.stringContaining('demo') });
    expect(ran.failure?.detail).toBeTruthy();
    expect(ran.text).not.toMatch(/API Error/);
    const words = JSON.stringify(ran.events) + JSON.stringify(ran.failure);
    expect(words).not.toContain('the-real-key');
    // The same process serves the next turn.
    const pids = await agentPids(sandbox.home);
    expect(pids).toHaveLength(1);
    const next = await sandbox.run(
      sandbox.spec('echo all is well', (it) => {
        it.history = historyAfter(spec, ran);
      }),
    );
    expect(next.failure).toBeUndefined();
    expect(next.text).toBe('all is well');
    expect(await agentPids(sandbox.home)).toEqual(pids);
  });

  it('drops the partial answer when the connection breaks and the message comes again', async () => {
    let requests = 0;
    await using sandbox = await createSandbox({
      simulator: { pace: 20, faults: () => (requests++ === 0 ? { kind: 'cut', words: 3 } : undefined) },
    });
    const ran = await sandbox.run(sandbox.spec('echo one two three four five six seven'));
    expect(ran.failure).toBeUndefined();
    expect(ran.text).toBe('one two three four five six seven');
    expect(ran.events.some((event) => event.type === 'block-reset')).toBe(true);
    expect(ran.events.some((event) => event.type === 'phase')).toBe(true);
  });

  it('drops only what comes again when the connection breaks after a whole block', async () => {
    let requests = 0;
    await using sandbox = await createSandbox({
      simulator: { pace: 20, faults: () => (requests++ === 0 ? { kind: 'cut', words: 4 } : undefined) },
    });
    const ran = await sandbox.run(sandbox.spec('[[think a b]] [[say one two three four]]'));
    expect(ran.failure).toBeUndefined();
    expect(ran.fold.blocks.filter((block) => block.type === 'reasoning')).toMatchObject([{ text: 'a b' }]);
    expect(ran.text).not.toContain('one two');
  });

  it('stops a model that is silent, and goes on afterwards', async () => {
    await using sandbox = await createSandbox();
    const spec = sandbox.spec('[[fault hang 2]] echo one two three four', (it) => {
      it.shell.idleSeconds = 2;
    });
    const ran = await sandbox.run(spec);
    expect(ran.failure).toMatchObject({ reason: 'Timeout', retryable: true });
    expect(ran.totalMs).toBeLessThan(20_000);
    const next = await sandbox.run(
      sandbox.spec('echo well', (it) => {
        it.history = historyAfter(spec, ran);
      }),
    );
    expect(next.text).toBe('well');
  });

  it('does not take a long tool for silence', async () => {
    await using sandbox = await createSandbox();
    const ran = await sandbox.run(
      sandbox.spec(
        '[[tool Bash {"command":"read -t 3 < /dev/zero; timeout 3 tail -f /dev/null; echo through"}]]',
        (it) => {
          it.shell.idleSeconds = 2;
        },
      ),
    );
    expect(ran.failure).toBeUndefined();
    expect(ran.text).toContain('through');
  });

  it('reports a gateway that is gone', async () => {
    await using sandbox = await createSandbox();
    sandbox.gatewayUrl = 'http://127.0.0.1:9';
    const ran = await sandbox.run(sandbox.spec('hello'));
    expect(ran.failure).toMatchObject({ reason: 'ModelUnavailable', retryable: true });
    expect(ran.failure?.detail).toContain('ECONNREFUSED');
  });
});

describe('a broken installation of Claude Code', () => {
  /** An SDK that starts the given program, as the real one does. */
  async function installed(folder: string, program: string): Promise<void> {
    const sdk = join(folder, 'claude-code/node_modules/@anthropic-ai/claude-agent-sdk');
    await mkdir(sdk, { recursive: true });
    await writeFile(join(sdk, 'package.json'), JSON.stringify({ main: 'sdk.mjs', type: 'module' }));
    await writeFile(join(folder, 'claude'), program);
    await chmod(join(folder, 'claude'), 0o755);
    await writeFile(
      join(sdk, 'sdk.mjs'),
      `export function query({ options }) {
        const child = options.spawnClaudeCodeProcess({ command: ${JSON.stringify(join(folder, 'claude'))}, args: [], env: {}, cwd: options.cwd });
        return {
          async *[Symbol.asyncIterator]() { await new Promise((resolve, reject) => { child.on('error', reject); child.on('exit', (code) => reject(new Error('exited with ' + code))); }); },
          setPermissionMode: async () => {},
          interrupt: async () => { throw new Error('closed'); },
        };
      }`,
    );
  }

  it.each([
    ['#!/bin/sh\necho "config is broken" >&2\nexit 3\n', 'exit code 3', 'config is broken'],
    ['#!/bin/sh\necho "about to die" >&2\nkill -ABRT $$\n', 'signal SIGABRT', 'about to die'],
    ['#!/does/not/exist\n', 'could not be started (ENOENT)', 'ENOENT'],
  ])('%j', async (program, message, detail) => {
    await using folder = await temporaryFolder();
    await installed(folder.path, program);
    await using sandbox = await createSandbox({ enginesFolder: folder.path });
    const ran = await sandbox.run(sandbox.spec('hello'));
    expect(ran.failure).toMatchObject({
      reason: 'EngineCrashed',
      message: expect.stringContaining(message),
      detail: expect.stringContaining(detail),
    });
  });
});
