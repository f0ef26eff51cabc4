import type { Command } from 'commander';
import { connect, type GlobalOptions } from '../connect.ts';
import { readDocuments } from '../documents.ts';
import { reportResults } from '../output/results.ts';
import { collect } from './collect.ts';

interface ApplyOptions extends GlobalOptions {
  filename?: string[];
  recursive?: boolean;
  dryRun?: boolean;
}

/** `wegent apply -f team.yaml`. */
export function registerApply(program: Command): void {
  program
    .command('apply')
    .summary('create or change what documents describe')
    .description(
      'Creates or changes what documents describe. One that is refused stops no other; then the command fails.',
    )
    .option('-f, --filename <place>', 'file, folder or - ; may be given several times', collect)
    .option('-R, --recursive', 'with the folders below')
    .option('--dry-run', 'say what would happen, and change nothing')
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<ApplyOptions>();
      const documents = await readDocuments(options.filename ?? [], {
        recursive: options.recursive ?? false,
      });
      const { api, namespace } = await connect(options);
      const { results } = await api.resources.apply(
        namespace,
        documents.map(({ document }) => document),
        options.dryRun ? { dryRun: 'All' } : {},
      );
      reportResults(results, { suffix: options.dryRun ? ' (dry run)' : '' });
    });
}
