import type { KindDefinition, ResourceList, ResourceObject } from '@wegent/api';
import { collectionPath, watch } from '@wegent/client';
import type { Command } from 'commander';
import { type Connection, connect, type GlobalOptions } from '../connect.ts';
import { CommandError, EXIT } from '../failure.ts';
import {
  formatDocuments,
  formatYaml,
  OUTPUT_FORMATS,
  type OutputFormat,
  readFormat,
} from '../output/formats.ts';
import { type TableLook, tableHead, tableRow } from '../output/object-table.ts';
import { columnWidths, formatTable, padded } from '../output/table.ts';
import { type ResourceChoice, readResourceNames } from '../resource-names.ts';

interface GetOptions extends GlobalOptions {
  output: OutputFormat;
  selector?: string;
  fieldSelector?: string;
  allNamespaces?: boolean;
  watch?: boolean;
  showLabels?: boolean;
  headers: boolean;
}

const PAGE = 500;

/** `wegent get teams`, `wegent get team/a -o yaml`, `wegent get tasks -w`. */
export function registerGet(program: Command): void {
  program
    .command('get')
    .summary('list objects, or show some')
    .description(
      'Lists the objects of a kind, or shows those that are named: teams · team a b · team/a bot/b.',
    )
    .argument('<kind>', 'kind, or kind/name')
    .argument('[names...]')
    .option(
      '-o, --output <format>',
      OUTPUT_FORMATS.join(', '),
      (word) => readFormat(word, OUTPUT_FORMATS),
      'table',
    )
    .option('-l, --selector <labels>', 'labels that objects must have, such as app=demo,!old')
    .option('--field-selector <fields>', 'fields that objects must have, such as metadata.name=a')
    .option('-A, --all-namespaces', 'everything that you may see')
    .option('-w, --watch', 'then show changes until Ctrl+C')
    .option('--show-labels', 'add a column of labels')
    .option('--no-headers', 'no first line')
    .action(async (kind: string, names: string[], _options, command: Command) => {
      const options = command.optsWithGlobals<GetOptions>();
      const choices = readResourceNames([kind, ...names]);
      const connection = await connect(options);
      if (options.watch) return follow(connection, choices, options);
      return show(connection, choices, options);
    });
}

async function show(
  connection: Connection,
  choices: readonly ResourceChoice[],
  options: GetOptions,
): Promise<void> {
  const found = await Promise.all(
    choices.map(async (choice) => ({ choice, objects: await read(connection, choice, options) })),
  );
  const objects = found.flatMap((part) => part.objects);
  if (options.output === 'yaml' || options.output === 'json') {
    const single = choices.every(({ names }) => names.length === 1) && objects.length === 1;
    process.stdout.write(formatDocuments(objects, { single, format: options.output }));
    return;
  }
  if (options.output === 'name') {
    for (const { choice, objects: some } of found)
      for (const { metadata } of some)
        process.stdout.write(`${choice.definition.singular}/${metadata.name}\n`);
    return;
  }
  if (objects.length === 0) {
    const place = options.allNamespaces ? 'that you may see' : `in namespace ${connection.namespace}`;
    process.stderr.write(`There is nothing ${place}.\n`);
    return;
  }
  const tables = [...Map.groupBy(found, ({ choice }) => choice.definition)].map(([definition, parts]) =>
    tableOf(
      definition,
      parts.flatMap((part) => part.objects),
      options,
    ),
  );
  process.stdout.write(tables.map(formatTable).join('\n'));
}

async function read(
  { api, namespace }: Connection,
  { definition, names }: ResourceChoice,
  options: GetOptions,
): Promise<ResourceObject[]> {
  const { plural } = definition;
  if (names.length > 0) {
    if (options.allNamespaces || options.selector !== undefined)
      throw new CommandError('names cannot be combined with -A or -l', EXIT.usage);
    return Promise.all(names.map((name) => api.resources.get({ plural, namespace, name })));
  }
  return (await listAll({ api, namespace, definition, options })).items;
}

async function listAll({
  api,
  namespace,
  definition,
  options,
}: Pick<Connection, 'api' | 'namespace'> & {
  definition: KindDefinition;
  options: GetOptions;
}): Promise<ResourceList> {
  const query = {
    ...(options.allNamespaces ? {} : { namespace }),
    ...selectors(options),
    limit: PAGE,
  };
  const items: ResourceObject[] = [];
  let page = await api.resources.list(definition.plural, query);
  items.push(...page.items);
  while (page.metadata.continue) {
    page = await api.resources.list(definition.plural, { ...query, continue: page.metadata.continue });
    items.push(...page.items);
  }
  return { ...page, items };
}

async function follow(
  connection: Connection,
  choices: readonly ResourceChoice[],
  options: GetOptions,
): Promise<void> {
  const [choice] = choices;
  if (!choice || choices.length > 1 || choice.names.length > 1)
    throw new CommandError('-w follows one kind, or one object', EXIT.usage);
  const { definition, names } = choice;
  const named =
    names[0] === undefined
      ? options
      : {
          ...options,
          fieldSelector: [options.fieldSelector, `metadata.name=${names[0]}`].filter(Boolean).join(','),
        };
  const { api, namespace } = connection;
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const list = () => listAll({ api, namespace, definition, options: named });
  const first = await list();
  const print = printer(definition, first.items, options);
  for (const object of first.items) print(object);
  await watch({
    http: api.http,
    path: collectionPath(definition.plural, options.allNamespaces ? undefined : namespace),
    query: selectors(named),
    resourceVersion: first.metadata.resourceVersion,
    onEvent: ({ type, object }) => print(object, type),
    onExpired: async () => {
      const again = await list();
      for (const object of again.items) print(object);
      return again.metadata.resourceVersion;
    },
    signal: stop.signal,
  });
}

/** Prints one object after the other, in columns as wide as the first page needs. */
function printer(definition: KindDefinition, first: readonly ResourceObject[], options: GetOptions) {
  const look = lookOf(options);
  const rows = first.map((object) => tableRow(definition, object, look));
  const widths = columnWidths([tableHead(definition, look), ...rows]);
  const line = (cells: readonly string[]) =>
    `${cells
      .map((cell, column) => padded(cell, widths[column] ?? 0))
      .join('   ')
      .trimEnd()}\n`;
  if (options.headers && isTable(options.output)) process.stdout.write(line(tableHead(definition, look)));
  return (object: ResourceObject, change?: string) => {
    if (options.output === 'json') process.stdout.write(`${JSON.stringify(object)}\n`);
    else if (options.output === 'yaml') process.stdout.write(`---\n${formatYaml(object)}`);
    else if (options.output === 'name')
      process.stdout.write(`${definition.singular}/${object.metadata.name}\n`);
    else {
      const row = tableRow(definition, object, look);
      process.stdout.write(line(change === 'DELETED' ? [...row, '(deleted)'] : row));
    }
  };
}

function tableOf(
  definition: KindDefinition,
  objects: readonly ResourceObject[],
  options: GetOptions,
): string[][] {
  const look = lookOf(options);
  const rows = objects.map((object) => tableRow(definition, object, look));
  return options.headers ? [tableHead(definition, look), ...rows] : rows;
}

function lookOf(options: GetOptions): TableLook {
  return {
    wide: options.output === 'wide',
    namespaces: options.allNamespaces ?? false,
    labels: options.showLabels ?? false,
  };
}

function isTable(format: OutputFormat): boolean {
  return format === 'table' || format === 'wide';
}

function selectors({ selector, fieldSelector }: GetOptions) {
  return {
    ...(selector === undefined ? {} : { labelSelector: selector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  };
}
