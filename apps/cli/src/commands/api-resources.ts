import { API_VERSION, KINDS } from '@wegent/api';
import type { Command } from 'commander';
import { formatTable } from '../output/table.ts';

/** `wegent api-resources`: the kinds, and what they are called. */
export function registerApiResources(program: Command): void {
  program
    .command('api-resources')
    .summary('list the kinds')
    .description('Lists the kinds that there are, their short names, and what they are for.')
    .action(() => {
      const rows = KINDS.map(({ plural, shortNames, kind, description }) => [
        plural,
        shortNames.join(','),
        API_VERSION,
        kind,
        description,
      ]);
      process.stdout.write(
        formatTable([['NAME', 'SHORTNAMES', 'APIVERSION', 'KIND', 'DESCRIPTION'], ...rows]),
      );
    });
}
