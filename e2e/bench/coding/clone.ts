import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { type BareRepository, temporaryFolder } from '@wegent/testing';
import { distributionOf } from '../distribution.ts';
import { percentiles, type Row, timesAtBoth } from '../row.ts';
import { CODER, type CodingStage } from './stage.ts';

const FILES = 2_000;
const FILES_A_FOLDER = 50;
const LINES = 40;

/** The content of a repository of some size. */
export function manyFiles(): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: FILES }, (_, file) => [
      `src/part-${Math.floor(file / FILES_A_FOLDER)}/file-${file}.ts`,
      Array.from({ length: LINES }, (_line, line) => `export const value${line} = ${file * line};`).join(
        '\n',
      ),
    ]),
  );
}

/** Tasks on a repository, until the engine starts on its work tree, beside `git clone`. */
export async function measureClone({
  stage,
  repository,
  rounds,
}: {
  stage: CodingStage;
  repository: BareRepository;
  rounds: number;
}): Promise<Row[]> {
  const measured: number[] = [];
  const direct: number[] = [];
  for (let round = 0; round < 1 + rounds; round += 1) {
    await stage.settled();
    const run = await stage.runs.run({
      ...{ team: CODER, type: 'code', message: '[[say Ready.]]' },
      workspace: { gitUrl: repository.url, branchName: 'main' },
    });
    const agent = (await stage.processes()).find(({ what }) => what === 'agent');
    if (!agent) throw new Error('Claude Code does not run');
    await stage.remove(run.taskId);
    const alone = await cloneDirectly(repository.url);
    if (round === 0) continue;
    measured.push(agent.startedAt - run.asked);
    direct.push(alone);
  }
  const [ours, limit] = [distributionOf(measured), distributionOf(direct)];
  return [
    {
      name: `${FILES.toLocaleString('en')} files, warm: to the engine`,
      measured: percentiles(ours),
      limitName: 'git clone',
      limit: percentiles(limit),
      comparison: timesAtBoth(ours, limit),
    },
  ];
}

async function cloneDirectly(url: string): Promise<number> {
  await using folder = await temporaryFolder();
  const started = performance.now();
  await promisify(execFile)('git', [
    'clone',
    '--quiet',
    '--branch',
    'main',
    url,
    path.join(folder.path, 'clone'),
  ]);
  return performance.now() - started;
}
