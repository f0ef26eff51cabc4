import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Sandbox, SandboxDriver, SandboxSpec } from '../src/index.ts';

/** A driver under test and what only the test can do to its sandboxes. */
export interface DriverUnderTest extends AsyncDisposable {
  driver: SandboxDriver;
  /** Makes it use more memory than it may. */
  exhaustMemory(sandbox: Sandbox): Promise<void>;
  workspace: string;
  /** Changes to a spec that keep its executor from ever listening. */
  hanging: Partial<SandboxSpec>;
}

/** What every sandbox driver does. */
export function sandboxContract(open: () => Promise<DriverUnderTest>): void {
  let under: DriverUnderTest;

  beforeEach(async () => {
    under = await open();
  });

  afterEach(async () => {
    await under.driver.removeOrphans(new Set());
    await under[Symbol.asyncDispose]();
  });

  const specOf = (changes: Partial<SandboxSpec> = {}): SandboxSpec => ({
    id: randomUUID(),
    labels: { taskId: 'task', namespace: 'default' },
    limits: { memory: '256Mi', pids: 64 },
    network: 'gateway-only',
    workspace: under.workspace,
    env: {},
    startMs: 60_000,
    ...changes,
  });
  const ids = async () => (await under.driver.list()).map(({ id }) => id).sort();

  test('a sandbox can be reached once it is made, and is listed with its labels', async () => {
    const spec = specOf();
    const sandbox = await under.driver.create(spec);
    await expect(reach(sandbox)).resolves.toBe(true);
    const [listed] = await under.driver.list();
    expect(listed).toMatchObject({ id: spec.id, labels: spec.labels, address: sandbox.address });
  });

  test('stop ends it and gives everything back', async () => {
    const sandbox = await under.driver.create(specOf());
    await expect(sandbox.stop(1000)).resolves.toEqual({ cause: 'stopped' });
    await expect(sandbox.ended).resolves.toEqual({ cause: 'stopped' });
    await expect(ids()).resolves.toEqual([]);
    await expect(reach(sandbox)).resolves.toBe(false);
  });

  test('kill ends it; what comes after tells the same', async () => {
    const sandbox = await under.driver.create(specOf());
    await expect(sandbox.kill()).resolves.toEqual({ cause: 'killed' });
    await expect(sandbox.stop(1000)).resolves.toEqual({ cause: 'killed' });
    await expect(reach(sandbox)).resolves.toBe(false);
  });

  test('one that used too much memory ended with SandboxOutOfMemory', async () => {
    const sandbox = await under.driver.create(specOf());
    await under.exhaustMemory(sandbox);
    await expect(sandbox.ended).resolves.toMatchObject({
      cause: 'failed',
      error: { reason: 'SandboxOutOfMemory' },
    });
    await expect(ids()).resolves.toEqual([]);
  });

  test('several live side by side at addresses of their own; an id lives once', async () => {
    const spec = specOf();
    const attempts = await Promise.allSettled(
      [spec, spec, specOf()].map((each) => under.driver.create(each)),
    );
    expect(attempts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(attempts.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { reason: 'AlreadyExists' },
    });
    const addresses = (await under.driver.list()).map(({ address }) => JSON.stringify(address));
    expect(new Set(addresses).size).toBe(2);
  });

  test('orphans are removed, the others stay', async () => {
    const kept = await under.driver.create(specOf());
    const orphan = await under.driver.create(specOf());
    await expect(under.driver.removeOrphans(new Set([kept.id]))).resolves.toEqual([orphan.id]);
    await expect(orphan.ended).resolves.toEqual({ cause: 'killed' });
    await expect(ids()).resolves.toEqual([kept.id]);
    await expect(reach(kept)).resolves.toBe(true);
  });

  test('nothing stays of one that does not start in time, or is not wanted any more', async () => {
    await expect(under.driver.create(specOf({ ...under.hanging, startMs: 200 }))).rejects.toMatchObject({
      reason: 'Timeout',
    });
    const reason = new Error('not wanted');
    await expect(under.driver.create(specOf(), AbortSignal.abort(reason))).rejects.toBe(reason);
    await expect(ids()).resolves.toEqual([]);
  });

  test('it says how it isolates', () => {
    expect(under.driver.isolation).not.toBe('');
  });
}

/** Does somebody listen at its address? */
function reach({ address }: Sandbox): Promise<boolean> {
  const socket = address.type === 'unix' ? connect(address.path) : connect(address.port, address.host);
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
