import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openControlGroup } from './control-group.ts';
import { findControlGroups, parseMounts, parseOwnGroups, settingsOf } from './control-groups.ts';

const HYBRID = `25 22 0:22 / /sys rw,nosuid - sysfs sysfs rw
30 25 0:26 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate
31 25 0:27 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
32 25 0:28 /docker/abc /sys/fs/cgroup/memory ro,relatime - cgroup cgroup rw,memory`;

test('reads which hierarchies are mounted, and where we are in them', () => {
  expect(parseMounts(HYBRID)).toEqual([
    { root: '/', point: '/sys/fs/cgroup/unified', version: 2, controllers: ['rw', 'nsdelegate'] },
    { root: '/', point: '/sys/fs/cgroup/cpu,cpuacct', version: 1, controllers: ['rw', 'cpu', 'cpuacct'] },
    { root: '/docker/abc', point: '/sys/fs/cgroup/memory', version: 1, controllers: ['rw', 'memory'] },
  ]);
  expect([...parseOwnGroups('4:memory:/a:b\n1:cpu,cpuacct:/\n0::/user.slice\n')]).toEqual([
    ['memory', '/a:b'],
    ['cpu', '/'],
    ['cpuacct', '/'],
    ['', '/user.slice'],
  ]);
});

test.each([
  ['memory', 2, 'memory.max=1000 memory.swap.max=0'],
  ['memory', 1, 'memory.limit_in_bytes=1000 memory.memsw.limit_in_bytes=1000'],
  ['pids', 2, 'pids.max=64'],
  ['pids', 1, 'pids.max=64'],
  ['cpu', 2, 'cpu.max=50000 100000'],
  ['cpu', 1, 'cpu.cfs_period_us=100000 cpu.cfs_quota_us=50000'],
] as const)('%s of version %i: %s', (controller, version, wanted) => {
  const limits = { cpu: 0.5, memoryBytes: 1000, pids: 64, diskBytes: 1 };
  const settings = settingsOf({ controller, version }, limits);
  expect(settings.map(({ file, value }) => `${file}=${value}`).join(' ')).toBe(wanted);
});

describe('places for groups', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wegent-groups-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('nothing mounted, nothing limited', async () => {
    const groups = await findControlGroups({ mountInfo: '', ownGroups: '0::/\n' });
    expect(groups.places).toEqual([]);
    const group = await groups.create('one', { cpu: 1, memoryBytes: 1, pids: 1, diskBytes: 1 });
    expect(group.folders).toEqual([]);
    await expect(group.memoryBytes()).resolves.toBeUndefined();
    await expect(group.oomKills()).resolves.toBe(0);
    await group.kill();
    await group.remove();
  });

  test('a hierarchy without our controllers is none, and keeps no folder of the trial', async () => {
    await mkdir(join(folder, 'service'));
    await writeFile(join(folder, 'service/cgroup.controllers'), 'io\n');
    const mountInfo = `30 25 0:26 / ${folder} rw - cgroup2 cgroup2 rw`;
    await expect(findControlGroups({ mountInfo, ownGroups: '0::/service\n' })).resolves.toMatchObject({
      places: [],
    });
    await expect(readdir(join(folder, 'service'))).resolves.toEqual(['cgroup.controllers']);
  });

  test('counts of version 2 and of version 1', async () => {
    const two = join(folder, 'two');
    const one = join(folder, 'one');
    await mkdir(two);
    await mkdir(one);
    await writeFile(join(two, 'memory.events'), 'low 0\noom 3\noom_kill 2\noom_group_kill 0\n');
    await writeFile(join(two, 'memory.current'), '5000\n');
    await writeFile(join(two, 'memory.stat'), 'anon 1\ninactive_file 1000\n');
    await writeFile(join(one, 'memory.oom_control'), 'oom_kill_disable 0\nunder_oom 0\noom_kill 7\n');
    await writeFile(join(one, 'memory.usage_in_bytes'), '9000\n');
    await writeFile(join(one, 'memory.stat'), 'inactive_file 1\ntotal_inactive_file 2000\n');
    const [second, first] = [openControlGroup([two]), openControlGroup([one])];
    await expect(second.oomKills()).resolves.toBe(2);
    await expect(second.memoryBytes()).resolves.toBe(4000);
    await expect(first.oomKills()).resolves.toBe(7);
    await expect(first.memoryBytes()).resolves.toBe(7000);
  });

  test('ending a group of version 2 is one word, and nobody is started meanwhile', async () => {
    await writeFile(join(folder, 'cgroup.kill'), '');
    await writeFile(join(folder, 'pids.max'), 'max');
    await writeFile(join(folder, 'cgroup.procs'), '');
    await openControlGroup([folder]).kill();
    await expect(readFile(join(folder, 'cgroup.kill'), 'utf8')).resolves.toBe('1');
    await expect(readFile(join(folder, 'pids.max'), 'utf8')).resolves.toBe('0');
  });
});
