import { ApiError, type ApplyResult, kindByName } from '@wegent/api';
import type { ApiClient } from '@wegent/client';
import type { Command } from 'commander';
import { createTwoFilesPatch } from 'diff';
import { z } from 'zod';
import { connect, type GlobalOptions } from '../connect.ts';
import { readDocuments } from '../documents.ts';
import { CommandError, EXIT, explainFailure } from '../failure.ts';
import { formatYaml } from '../output/formats.ts';
import { nameOf, reportResults } from '../output/results.ts';
import { collect } from './collect.ts';

const Document = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.unknown(),
});

interface DiffOptions extends GlobalOptions {
  filename?: string[];
  recursive?: boolean;
}

/** `wegent diff -f team.yaml`: exits with 1 where something would change. */
export function registerDiff(program: Command): void {
  program
    .command('diff')
    .summary('show what apply would change')
    .description(
      'Shows what `apply` would change. Ends with 0 when nothing would, 1 when something would, 2 on a failure.',
    )
    .option('-f, --filename <place>', 'file, folder or - ; may be given several times', collect)
    .option('-R, --recursive', 'with the folders below')
    .action(async (_options, command: Command) => {
      const changes = await diff(command.optsWithGlobals<DiffOptions>()).catch((error: unknown) => {
        // 1 means a difference: whatever kept us from knowing must end otherwise.
        throw new CommandError(explainFailure(error).message, EXIT.usage);
      });
      if (changes > 0) throw new CommandError('', EXIT.failed);
    });
}

/** Prints the differences and answers their number. */
async function diff(options: DiffOptions): Promise<number> {
  const documents = await readDocuments(options.filename ?? [], { recursive: options.recursive ?? false });
  const { api, namespace } = await connect(options);
  const { results } = await api.resources.apply(
    namespace,
    documents.map(({ document }) => document),
    { dryRun: 'All' },
  );
  const changed = results.filter(({ operation }) => operation === 'created' || operation === 'configured');
  for (const result of changed) process.stdout.write(await patchOf(api, result));
  const refused = results.filter(({ operation }) => operation === 'failed');
  if (refused.length > 0) reportResults(refused);
  return changed.length;
}

async function patchOf(api: ApiClient, result: ApplyResult): Promise<string> {
  const { kind, namespace, name } = result;
  const plural = kindByName(kind)?.plural ?? '';
  const live = await api.resources.get({ plural, namespace, name }).catch((error) => {
    if (error instanceof ApiError && error.reason === 'NotFound') return undefined;
    throw error;
  });
  const file = `${namespace}/${nameOf(result)}`;
  const patch = createTwoFilesPatch(
    `live/${file}`,
    `applied/${file}`,
    comparable(live),
    comparable(result.object),
  );
  // The first line of the format is a ruler that says nothing.
  return patch.slice(patch.indexOf('\n') + 1);
}

/** What people write, without what the server keeps. */
function comparable(object: object | undefined): string {
  if (!object) return '';
  const { apiVersion, kind, metadata, spec } = Document.parse(object);
  return formatYaml({ apiVersion, kind, metadata, spec });
}
