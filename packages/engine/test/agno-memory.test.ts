import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionSpec } from '@wegent/api';
import { describeWith, waitFor } from '@wegent/testing';
import { describe, expect, it } from 'vitest';
import { bridgePids, createAgnoSandbox, historyAfter, type Sandbox, STDIO } from './agno-harness.ts';
import { PROTOCOLS } from './harness.ts';

/** Says things one after another; each follows the answer before. */
async function talk(sandbox: Sandbox, texts: string[], change?: (spec: ExecutionSpec) => void) {
  let history: ExecutionSpec['history'] = [];
  const turns = [];
  for (const text of texts) {
    const spec = sandbox.spec(text, (it) => {
      it.history = history;
      change?.(it);
    });
    const ran = await sandbox.run(spec);
    expect(ran.failure).toBeUndefined();
    history = historyAfter(spec, ran);
    turns.push({ spec, ran, history });
  }
  return turns;
}

function lastBody({ requests }: Sandbox): string {
  return requests.at(-1)?.body ?? '';
}

describeWith(['agno'], 'what Agno remembers', () => {
  describe.each(PROTOCOLS)('over %s', (protocol) => {
    it('is the session, tool results too, after the engine has been closed', async () => {
      await using sandbox = await createAgnoSandbox({ protocol });
      const [first] = await talk(
        sandbox,
        ['alpha [[tool calc__add_numbers {"a":20,"b":22}]] [[say bravo]]'],
        (spec) => {
          spec.mcpServers = { calc: STDIO };
        },
      );
      await sandbox.restart();
      await waitFor(async () => (await bridgePids(sandbox.home)).length === 0, { what: 'the bridge to end' });
      const ran = await sandbox.run(
        sandbox.spec('what did I say first?', (spec) => {
          spec.history = first?.history ?? [];
        }),
      );
      expect(ran.failure).toBeUndefined();
      expect(ran.text).toContain('alpha');
      expect(lastBody(sandbox)).toContain('bravo');
      expect(lastBody(sandbox)).toContain('42');
      expect(lastBody(sandbox)).not.toContain('conversation-so-far');
    });
  });

  it('is more than the last three turns', async () => {
    await using sandbox = await createAgnoSandbox();
    await talk(sandbox, ['echo w1', 'echo w2', 'echo w3', 'echo w4', 'echo w5', 'echo w6']);
    for (const word of ['w1', 'w2', 'w5']) expect(lastBody(sandbox)).toContain(`echo ${word}`);
  });

  it('takes the same process for the next turn', async () => {
    await using sandbox = await createAgnoSandbox();
    await talk(sandbox, ['echo one']);
    const before = await bridgePids(sandbox.home);
    await talk(sandbox, ['echo two']);
    expect(before).toHaveLength(1);
    expect(await bridgePids(sandbox.home)).toEqual(before);
  });

  it('begins in the process that was made ready for it', async () => {
    await using sandbox = await createAgnoSandbox();
    const spec = sandbox.spec('echo one');
    const { work: workFolder, home: homeFolder, gatewayUrl } = sandbox;
    await sandbox.engines.Agno?.prewarm?.({ spec, workFolder, homeFolder, gatewayUrl, env: {} });
    const before = await waitFor(
      async () => {
        const pids = await bridgePids(sandbox.home);
        return pids.length > 0 && pids;
      },
      { what: 'the bridge to start' },
    );
    expect((await sandbox.run(spec)).text).toBe('one');
    expect(await bridgePids(sandbox.home)).toEqual(before);
  });

  it('ends the process some time after the last turn', async () => {
    await using sandbox = await createAgnoSandbox({ idleMs: 200 });
    await talk(sandbox, ['echo one']);
    await waitFor(async () => (await bridgePids(sandbox.home)).length === 0, { what: 'the bridge to end' });
  });

  it('ends before an answer that is asked for again, and before a message that was changed', async () => {
    await using sandbox = await createAgnoSandbox();
    const turns = await talk(sandbox, ['echo alpha', 'echo bravo', 'echo charlie']);
    const again = sandbox.spec('echo delta', (spec) => {
      spec.history = turns[0]?.history ?? [];
    });
    const ran = await sandbox.run(again);
    expect(lastBody(sandbox)).toContain('echo alpha');
    expect(lastBody(sandbox)).not.toContain('bravo');
    expect(lastBody(sandbox)).not.toContain('conversation-so-far');
    // Both branches go on where they are.
    await sandbox.run(
      sandbox.spec('echo echo', (spec) => {
        spec.history = historyAfter(again, ran);
      }),
    );
    for (const word of ['alpha', 'delta']) expect(lastBody(sandbox)).toContain(`echo ${word}`);
    expect(lastBody(sandbox)).not.toContain('bravo');
    await sandbox.run(
      sandbox.spec('echo foxtrot', (spec) => {
        spec.history = turns[2]?.history ?? [];
      }),
    );
    for (const word of ['alpha', 'bravo', 'charlie']) expect(lastBody(sandbox)).toContain(`echo ${word}`);
    expect(lastBody(sandbox)).not.toContain('delta');
    // A copy of a copy's source, from before everything.
    await sandbox.run(sandbox.spec('echo golf'));
    expect(lastBody(sandbox)).not.toContain('alpha');
  });

  it('is told again where a turn failed or was stopped', async () => {
    await using sandbox = await createAgnoSandbox();
    const [first] = await talk(sandbox, ['echo alpha']);
    const broken = sandbox.spec('[[fault cut 2]] bravo echo one two three four', (spec) => {
      spec.history = first?.history ?? [];
    });
    const ran = await sandbox.run(broken);
    expect(ran.failure).toBeDefined();
    const history = historyAfter(broken, ran).map((message) =>
      message.id === 'none' ? message : { ...message, text: message.text.replace('[[fault cut 2]] ', '') },
    );
    const next = await sandbox.run(
      sandbox.spec('and now?', (spec) => {
        spec.history = history;
      }),
    );
    expect(next.failure).toBeUndefined();
    expect(lastBody(sandbox)).toContain('conversation-so-far');
    expect(lastBody(sandbox)).toContain('bravo');
    expect(lastBody(sandbox).split('alpha')).toHaveLength(3);
  });

  it('is told again from the history when the database is gone or broken', async () => {
    await using sandbox = await createAgnoSandbox();
    const [first] = await talk(sandbox, ['echo alpha']);
    await sandbox.restart();
    for (const text of ['echo bravo', 'echo charlie']) {
      const database = join(sandbox.home, '.wegent/agno/default.helper.db');
      // SQLite would heal the file from its log.
      await rm(`${database}-wal`, { force: true });
      await writeFile(database, 'this is no database at all, sorry');
      const ran = await sandbox.run(
        sandbox.spec(text, (spec) => {
          spec.history = first?.history ?? [];
        }),
      );
      expect(ran.failure).toBeUndefined();
      expect(ran.text).not.toBe('');
      expect(lastBody(sandbox)).toContain('conversation-so-far');
      expect(lastBody(sandbox)).toContain('alpha');
      await sandbox.restart();
    }
  });

  it('leaves out the oldest turns when the model takes no more', async () => {
    await using sandbox = await createAgnoSandbox();
    const long = (word: string) => `echo ${word} ${'x '.repeat(800)}`;
    const turns = await talk(sandbox, [long('alpha'), long('bravo'), 'echo charlie']);
    const ran = await sandbox.run(
      sandbox.spec('echo delta', (spec) => {
        spec.history = turns[2]?.history ?? [];
        if (spec.model) spec.model.capabilities = { contextWindow: 3_000, maxOutputTokens: 500 };
      }),
    );
    expect(ran.text).toBe('delta');
    expect(ran.events).toContainEqual(expect.objectContaining({ type: 'warning', code: 'HistoryTrimmed' }));
    expect(lastBody(sandbox)).not.toContain('alpha');
    expect(lastBody(sandbox)).toContain('charlie');
  });
});
