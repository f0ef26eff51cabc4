import type { Command } from 'commander';
import { connect, type GlobalOptions } from '../connect.ts';
import { readDocuments } from '../documents.ts';
import { CommandError, EXIT, explainFailure } from '../failure.ts';
import { reportResults } from '../output/results.ts';
import { readResourceNames } from '../resource-names.ts';
import { collect } from './collect.ts';

interface DeleteOptions extends GlobalOptions {
  filename?: string[];
  recursive?: boolean;
  force?: boolean;
  ignoreNotFound?: boolean;
}

/** `wegent delete team/a`, `wegent delete -f team.yaml`. */
export function registerDelete(program: Command): void {
  program
    .command('delete')
    .summary('delete objects')
    .description('Deletes objects by name, or those that documents describe.')
    .argument('[kind]', 'kind, or kind/name')
    .argument('[names...]')
    .option('-f, --filename <place>', 'file, folder or - ; may be given several times', collect)
    .option('-R, --recursive', 'with the folders below')
    .option('--force', 'also what other objects still name')
    .option('--ignore-not-found', 'what is not there is as good as deleted')
    .action(async (kind: string | undefined, names: string[], _options, command: Command) => {
      const options = command.optsWithGlobals<DeleteOptions>();
      if (options.filename !== undefined) return deleteDocuments(options, kind);
      return deleteNamed(options, kind === undefined ? [] : [kind, ...names]);
    });
}

async function deleteDocuments(options: DeleteOptions, kind: string | undefined): Promise<void> {
  if (kind !== undefined) throw new CommandError('say either names or -f, not both', EXIT.usage);
  const documents = await readDocuments(options.filename ?? [], { recursive: options.recursive ?? false });
  const { api, namespace } = await connect(options);
  const { results } = await api.resources.removeAll(
    namespace,
    documents.map(({ document }) => document),
    options.force ? { force: true } : {},
  );
  const missing = (error: unknown) =>
    typeof error === 'object' && error !== null && 'reason' in error && error.reason === 'NotFound';
  reportResults(options.ignoreNotFound ? results.filter(({ error }) => !missing(error)) : results);
}

async function deleteNamed(options: DeleteOptions, words: readonly string[]): Promise<void> {
  const wanted = readResourceNames(words).flatMap(({ definition, names }) =>
    names.map((name) => ({ definition, name })),
  );
  if (wanted.length === 0)
    throw new CommandError('name what to delete, such as team/reviewer, or give -f', EXIT.usage);
  const { api, namespace } = await connect(options);
  let failures = 0;
  for (const { definition, name } of wanted) {
    const place = { plural: definition.plural, namespace, name };
    try {
      await api.resources.remove(place, options.force ? { force: true } : {});
      process.stdout.write(`${definition.singular}/${name} deleted\n`);
    } catch (error) {
      if (
        options.ignoreNotFound &&
        error instanceof Error &&
        'reason' in error &&
        error.reason === 'NotFound'
      )
        continue;
      failures += 1;
      process.stderr.write(`${definition.singular}/${name} failed: ${explainFailure(error).message}\n`);
    }
  }
  if (failures > 0) throw new CommandError(`${failures} of ${wanted.length} objects were not deleted`);
}
