// A manager in a process of its own, for tests that kill it or give it another user. Arguments: what to do, and the
// folder. It answers with one line of JSON.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { waitFor } from '@wegent/testing';
import { createLocalDriver, probeLocal, type SandboxSpec } from '../src/index.ts';
import { exhaustMemory, openFilesOf, runIn, STAND_IN, TOKEN } from './stand-in.ts';

const [, , job = '', folder = ''] = process.argv;
const options = {
  stateFolder: join(folder, 'state'),
  nodePath: process.execPath,
  executorFile: STAND_IN,
  enginesFolder: join(folder, 'engines'),
};
const specOf = (id: string, env: Record<string, string> = {}): SandboxSpec => ({
  id,
  labels: { taskId: 'task', namespace: 'default' },
  limits: { memory: '256Mi', pids: 64, disk: '1Gi' },
  folder: join(folder, 'sandboxes', id),
  token: TOKEN,
  env,
  startMs: 60_000,
});
const tell = (what: unknown) => process.stdout.write(`${JSON.stringify(what)}\n`);
const forever = () => setInterval(() => {}, 1000);

switch (job) {
  case 'live': {
    const driver = await createLocalDriver(options);
    const { id } = await driver.create(specOf('living'));
    tell({ id });
    forever();
    break;
  }
  case 'half-made': {
    const driver = await createLocalDriver(options);
    driver.create(specOf('half', { HANG: '1' })).catch(() => {});
    await waitFor(() => existsSync(join(folder, 'sandboxes/half/workspace/started')), {
      what: 'the executor to run',
      timeoutMs: 30_000,
    });
    tell({ id: 'half' });
    forever();
    break;
  }
  case 'everything': {
    // A driver alone keeps no process alive.
    const alive = forever();
    const probe = await probeLocal(options);
    const driver = await createLocalDriver(options);
    const sandbox = await driver.create(specOf('all'));
    const uid = await runIn(sandbox, 'id -u; cat /proc/self/uid_map; echo hello > /workspace/note');
    const write = await runIn(sandbox, `cat ${join(folder, 'secret')}; touch /usr/x /etc/x`);
    const files = await openFilesOf(sandbox);
    const bomb = await runIn(
      sandbox,
      '(i=0; while [ $i -lt 200 ]; do sleep 1000 & echo $i > /workspace/count; i=$((i+1)); done) > /dev/null 2>&1',
    ).catch(() => undefined);
    const killed = await sandbox.kill();
    const hungry = await driver.create(specOf('hungry'));
    exhaustMemory(hungry);
    const end = await hungry.ended;
    tell({
      probe,
      isolation: driver.isolation,
      uid,
      write,
      files,
      bomb,
      killed,
      end,
      left: await driver.list(),
    });
    clearInterval(alive);
    break;
  }
  default:
    throw new Error(`job: must be live, half-made or everything, not "${job}"`);
}
