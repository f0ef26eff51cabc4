import { Condition, LAST_APPLIED_ANNOTATION, type ResourceObject } from '@wegent/api';
import type { Command } from 'commander';
import { z } from 'zod';
import { connect, type GlobalOptions } from '../connect.ts';
import { CommandError, EXIT } from '../failure.ts';
import { formatYaml } from '../output/formats.ts';
import { printable } from '../output/printable.ts';
import { formatAge, formatTable } from '../output/table.ts';
import { readResourceNames } from '../resource-names.ts';

const Conditions = z.object({ conditions: z.array(Condition) });

/** `wegent describe team/a`: the object as a person reads it. */
export function registerDescribe(program: Command): void {
  program
    .command('describe')
    .summary('show objects in full')
    .description('Shows what objects are, and the conditions they are in.')
    .argument('<kind>', 'kind, or kind/name')
    .argument('[names...]')
    .action(async (kind: string, names: string[], _options, command: Command) => {
      const { api, namespace } = await connect(command.optsWithGlobals<GlobalOptions>());
      const wanted = readResourceNames([kind, ...names]).flatMap(({ definition, names: some }) =>
        some.map((name) => ({ plural: definition.plural, namespace, name })),
      );
      if (wanted.length === 0)
        throw new CommandError('name at least one object, such as team/reviewer', EXIT.usage);
      const objects = await Promise.all(wanted.map((place) => api.resources.get(place)));
      process.stdout.write(objects.map(describe).join('\n'));
    });
}

function describe(object: ResourceObject): string {
  const { metadata } = object;
  const { [LAST_APPLIED_ANNOTATION]: _hidden, ...annotations } = metadata.annotations ?? {};
  const head = [
    ['Name:', metadata.name],
    ['Namespace:', metadata.namespace],
    ['Kind:', `${object.kind} (${object.apiVersion})`],
    ['Created:', `${metadata.creationTimestamp ?? ''} (${formatAge(metadata.creationTimestamp)} ago)`],
    ['Generation:', String(metadata.generation ?? '')],
    ['Labels:', pairs(metadata.labels ?? {})],
    ['Annotations:', pairs(annotations)],
  ];
  const { conditions: _conditions, ...status } = object.status ?? {};
  return [
    formatTable(head),
    'Spec:\n',
    indent(formatYaml(object.spec)),
    ...(Object.keys(status).length === 0 ? [] : ['Status:\n', indent(formatYaml(status))]),
    conditionTable(object),
  ].join('');
}

function conditionTable({ status }: ResourceObject): string {
  const parsed = Conditions.safeParse(status);
  if (!parsed.success || parsed.data.conditions.length === 0) return '';
  const rows = parsed.data.conditions.map(({ type, status: state, reason, message, lastTransitionTime }) => [
    type,
    state,
    reason,
    formatAge(lastTransitionTime),
    printable(message),
  ]);
  return `Conditions:\n${indent(formatTable([['TYPE', 'STATUS', 'REASON', 'AGE', 'MESSAGE'], ...rows]))}`;
}

function pairs(values: Record<string, string>): string {
  const list = Object.entries(values).map(([key, value]) => `${key}=${printable(value)}`);
  return list.join(', ') || '<none>';
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
