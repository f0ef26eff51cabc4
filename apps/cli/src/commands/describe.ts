import { Condition, LAST_APPLIED_ANNOTATION, type ResourceObject } from '@wegent/api';
import type { ApiClient } from '@wegent/client';
import type { Command } from 'commander';
import { z } from 'zod';
import { connect, type GlobalOptions } from '../connect.ts';
import { CommandError, EXIT } from '../failure.ts';
import { formatYaml } from '../output/formats.ts';
import { printable } from '../output/printable.ts';
import { formatAge, formatTable } from '../output/table.ts';
import { readResourceNames } from '../resource-names.ts';

const Conditions = z.object({ conditions: z.array(Condition) });

/** What is shown of an Event. */
const Reported = z.object({
  type: z.string().default(''),
  reason: z.string().default(''),
  message: z.string().default(''),
  count: z.number().default(1),
  lastTimestamp: z.string().optional(),
  eventTime: z.string().optional(),
});

/** `wegent describe team/a`: the object as a person reads it, and what happened to it. */
export function registerDescribe(program: Command): void {
  program
    .command('describe')
    .summary('show objects in full')
    .description('Shows what objects are, the conditions they are in, and what happened to them.')
    .argument('<kind>', 'kind, or kind/name')
    .argument('[names...]')
    .action(async (kind: string, names: string[], _options, command: Command) => {
      const { api, namespace } = await connect(command.optsWithGlobals<GlobalOptions>());
      const wanted = readResourceNames([kind, ...names]).flatMap(({ definition, names: some }) =>
        some.map((name) => ({ plural: definition.plural, namespace, name })),
      );
      if (wanted.length === 0)
        throw new CommandError('name at least one object, such as team/reviewer', EXIT.usage);
      const texts = await Promise.all(
        wanted.map(async (place) => {
          const object = await api.resources.get(place);
          return describe(object) + (await eventTable(api, object));
        }),
      );
      process.stdout.write(texts.join('\n'));
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

async function eventTable(api: ApiClient, { metadata }: ResourceObject): Promise<string> {
  const { namespace, uid } = metadata;
  if (!namespace || uid === undefined) return '';
  const { items } = await api.resources.list('events', {
    namespace,
    fieldSelector: `involvedObject.uid=${uid}`,
  });
  const events = items.map((item) => {
    const { lastTimestamp, eventTime, ...event } = Reported.parse(item);
    return { ...event, at: lastTimestamp ?? eventTime ?? item.metadata.creationTimestamp ?? '' };
  });
  if (events.length === 0) return '';
  const rows = events
    .sort((left, right) => left.at.localeCompare(right.at))
    .map(({ type, reason, message, count, at }) => [
      printable(type),
      printable(reason),
      `${formatAge(at)}${count > 1 ? ` (x${count})` : ''}`,
      printable(message),
    ]);
  return `Events:\n${indent(formatTable([['TYPE', 'REASON', 'AGE', 'MESSAGE'], ...rows]))}`;
}

function pairs(values: Record<string, string>): string {
  const list = Object.entries(values).map(([key, value]) => `${key}=${printable(value)}`);
  return list.join(', ') || '<none>';
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
