import { execFile } from 'node:child_process';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeWith, enginesFolder, temporaryFolder, waitFor } from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findAgno } from '../src/agno/library.ts';
import {
  bridgePids,
  createAgnoSandbox,
  historyAfter,
  type Sandbox,
  STDIO,
  toolsOf,
  withServers,
} from './agno-harness.ts';
import { PROTOCOLS } from './harness.ts';

describeWith(['agno'], 'failures of Agno', () => {
  describe.each(PROTOCOLS)('over %s', (protocol) => {
    // One for all, as in a long task: Python needs longer to load Agno than a turn takes.
    let sandbox: Sandbox;
    beforeAll(async () => {
      sandbox = await createAgnoSandbox({ protocol });
    });
    afterAll(() => sandbox?.[Symbol.asyncDispose]());

    it.each([
      ['401', { reason: 'ModelAuth', retryable: false }],
      ['403', { reason: 'ModelAuth', retryable: false }],
      ['429', { reason: 'ModelRateLimit', retryable: true }],
      ['529', { reason: 'ModelOverloaded', retryable: true }],
      ['500', { reason: 'ModelUnavailable', retryable: true }],
      ['400', { reason: 'ModelBadRequest', retryable: false }],
      // About the model or about the address: that depends on the words of the provider.
      ['404', { retryable: false }],
      ['context', { reason: 'ContextTooLong', retryable: false }],
      ['cut 3', { reason: 'ModelUnavailable', retryable: true }],
      ['malformed 3', { reason: 'ModelUnavailable', retryable: true }],
      ['sse-error 3', { retryable: true }],
    ])('[[fault %s]] is told as it is, and the next turn works', async (fault, failure) => {
      const ran = await sandbox.run(sandbox.spec(`[[fault ${fault}]] echo one two three four five`));
      expect(ran.failure).toMatchObject(failure);
      expect(ran.failure?.message).toContain('demo');
      expect(ran.failure?.detail).toBeTruthy();
      const next = await sandbox.run(sandbox.spec('echo well'));
      expect(next.failure).toBeUndefined();
      expect(next.text).toBe('well');
    });
  });

  it('keeps what was said before the connection broke', async () => {
    await using sandbox = await createAgnoSandbox();
    const ran = await sandbox.run(sandbox.spec('[[fault cut 3]] echo one two three four five'));
    expect(ran.text).toMatch(/^one two/);
    expect(ran.fold.blocks.every((block) => block.type !== 'text' || block.done)).toBe(true);
  });

  it('reports a gateway that is gone', async () => {
    await using sandbox = await createAgnoSandbox();
    sandbox.gatewayUrl = 'http://127.0.0.1:9';
    const ran = await sandbox.run(sandbox.spec('hello'));
    expect(ran.failure).toMatchObject({ reason: 'ModelUnavailable', retryable: true });
  });

  it('stops a model that is silent, and goes on afterwards', async () => {
    await using sandbox = await createAgnoSandbox();
    const spec = sandbox.spec('[[fault hang 2]] echo one two three four', (it) => {
      it.shell.idleSeconds = 3;
    });
    const ran = await sandbox.run(spec);
    expect(ran.failure).toMatchObject({ reason: 'Timeout', retryable: true });
    const next = await sandbox.run(sandbox.spec('echo well'));
    expect(next.text).toBe('well');
  });

  it('stops at once when the person says so, with what was said until then', async () => {
    await using sandbox = await createAgnoSandbox({ simulator: { pace: 20 } });
    const stop = new AbortController();
    const spec = sandbox.spec(`echo ${'word '.repeat(200)}`);
    let deltas = 0;
    const started = performance.now();
    const running = sandbox.run(spec, {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type === 'text-delta' && ++deltas === 5) stop.abort(new Error('stopped by the person'));
      },
    });
    await expect(running).rejects.toThrow('stopped by the person');
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(await bridgePids(sandbox.home)).toHaveLength(1);
  });

  it('reports a bridge that was killed in the midst of a tool, ends its servers, and goes on', async () => {
    await using sandbox = await createAgnoSandbox();
    const first = sandbox.spec('alpha [[tool calc__sleep {}]]', withServers({ calc: STDIO }));
    const ran = await sandbox.run(first, {
      onEvent: (event) => {
        if (event.type !== 'tool-call') return;
        void bridgePids(sandbox.home).then(([bridge = 0]) => process.kill(bridge, 'SIGKILL'));
      },
    });
    expect(ran.failure).toMatchObject({
      reason: 'EngineCrashed',
      retryable: true,
      message: expect.stringContaining('SIGKILL'),
    });
    expect(toolsOf(ran.fold)).toMatchObject([{ done: true, isError: true }]);
    await waitFor(async () => (await bridgePids(sandbox.home)).length === 0, {
      what: 'all processes to end',
    });
    const next = await sandbox.run(
      sandbox.spec('what did I say first?', (spec) => {
        spec.history = historyAfter(first, ran);
      }),
    );
    expect(next.failure).toBeUndefined();
    expect(sandbox.requests.at(-1)?.body).toContain('alpha');
  });
});

describe('an installation of Agno that is', () => {
  /** A folder of engines with an Agno for that Python; `lib` is what it has. */
  async function installed(folder: string, python: string, lib?: string): Promise<void> {
    await mkdir(join(folder, 'agno'), { recursive: true });
    await writeFile(join(folder, 'agno/engine.json'), JSON.stringify({ version: '3.1.10', python }));
    if (lib !== undefined) await symlink(lib, join(folder, 'agno/lib'));
  }

  it('absent: the turn says how to get it', async () => {
    await using folder = await temporaryFolder();
    await using sandbox = await createAgnoSandbox({ enginesFolder: folder.path });
    const ran = await sandbox.run(sandbox.spec('hello'));
    expect(ran.failure).toMatchObject({
      reason: 'EngineNotInstalled',
      retryable: false,
      message: expect.stringContaining('npm run engines:install -- agno'),
    });
  });

  it('without any Python: it says which one is wanted', async () => {
    await using folder = await temporaryFolder();
    await installed(folder.path, '3.12');
    await expect(findAgno(folder.path, folder.path, [])).rejects.toMatchObject({
      error: {
        reason: 'EngineNotInstalled',
        retryable: false,
        message: expect.stringMatching(/needs Python 3\.12, and this sandbox has no Python.*install python3/),
      },
    });
  });

  it('for another Python: the turn names both', async () => {
    await using folder = await temporaryFolder();
    await installed(folder.path, '3.99');
    const bin = join(folder.path, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'python3'), '#!/bin/sh\necho 3.12\n');
    await chmod(join(bin, 'python3'), 0o755);
    await using sandbox = await createAgnoSandbox({ enginesFolder: folder.path, env: { PATH: bin } });
    const ran = await sandbox.run(sandbox.spec('hello'));
    expect(ran.failure).toMatchObject({ reason: 'EngineNotInstalled', retryable: false });
    expect(ran.failure?.message).toMatch(
      /for Python 3\.99, and this sandbox has Python 3\.\d+\..*--python 3\.\d+/,
    );
  });

  it('broken: the turn tells what Python says', async () => {
    await using folder = await temporaryFolder();
    const version = await promisify(execFile)('/usr/bin/env', [
      'python3',
      '-c',
      'import sys; print("%d.%d" % sys.version_info[:2])',
    ]).then(
      ({ stdout }) => stdout.trim(),
      () => undefined,
    );
    // Without any Python there is nothing to break.
    if (version === undefined) return expect(enginesFolder('agno')).toBeUndefined();
    await installed(folder.path, version);
    await using sandbox = await createAgnoSandbox({ enginesFolder: folder.path });
    const ran = await sandbox.run(sandbox.spec('hello'));
    expect(ran.failure).toMatchObject({ reason: 'EngineNotInstalled', retryable: false });
    expect(ran.failure?.message).toContain('No module named');
    expect(ran.failure?.detail).toContain('Traceback');
  });
});
