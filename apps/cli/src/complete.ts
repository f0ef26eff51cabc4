import { KINDS } from '@wegent/api';
import type { Command, Option } from 'commander';
import { kindOf } from './resource-names.ts';

/** Where names come from that only the server or the file of contexts knows. */
export interface CompletionNames {
  objects: (kind: string, namespace: string | undefined) => Promise<string[]>;
  contexts: () => Promise<string[]>;
}

const OF_KINDS = new Set(['get', 'describe', 'delete']);
const OF_TEAMS = new Set(['run', 'chat']);

/** What may stand in place of the last of `words`, which is what the person has begun to write. */
export async function complete(
  program: Command,
  words: readonly string[],
  names: CompletionNames,
): Promise<string[]> {
  const begun = words.at(-1) ?? '';
  const { command, operands, waiting, values } = walk(program, words.slice(0, -1));
  const candidates = await candidatesFor();
  return candidates.filter((candidate) => candidate.startsWith(begun)).sort();

  async function candidatesFor(): Promise<string[]> {
    if (waiting !== undefined) {
      if (waiting.attributeName() === 'context') return names.contexts();
      return waiting.argChoices ?? [];
    }
    if (begun.startsWith('-')) return optionsOf(command, program);
    if (command.commands.length > 0)
      return command
        .createHelp()
        .visibleCommands(command)
        .map((one) => one.name());
    return namesFor(operands);
  }

  async function namesFor([first]: readonly string[]): Promise<string[]> {
    const { namespace } = values;
    const name = command.name();
    if (OF_TEAMS.has(name)) return first === undefined ? names.objects('teams', namespace) : [];
    if (name === 'logs') return first === undefined ? names.objects('tasks', namespace) : [];
    if (name === 'use-context') return names.contexts();
    if (name === 'completion') return command.registeredArguments[0]?.argChoices ?? [];
    if (!OF_KINDS.has(name)) return [];
    const slash = begun.indexOf('/');
    if (slash !== -1) {
      const kind = begun.slice(0, slash);
      return (await names.objects(kind, namespace)).map((one) => `${kind}/${one}`);
    }
    return first === undefined ? KINDS.map(({ plural }) => plural) : names.objects(first, namespace);
  }
}

/** The command that words choose, its operands, and the option whose value comes next. */
function walk(program: Command, words: readonly string[]) {
  let command = program;
  let waiting: Option | undefined;
  const operands: string[] = [];
  const values: { namespace?: string } = {};
  for (const word of words) {
    if (waiting) {
      if (waiting.attributeName() === 'namespace') values.namespace = word;
      waiting = undefined;
    } else if (word.startsWith('-')) {
      const option = [...command.options, ...program.options].find(
        ({ short, long }) => word === short || word === long,
      );
      if (option?.required) waiting = option;
    } else {
      const below = command.commands.find((one) => one.name() === word);
      if (below) command = below;
      else operands.push(word);
    }
  }
  return { command, operands, waiting, values };
}

function optionsOf(command: Command, program: Command): string[] {
  return [...new Set([...command.options, ...program.options])]
    .flatMap(({ long, hidden }) => (long && !hidden ? [long] : []))
    .concat('--help');
}

/** Is that word a kind? */
export function isKind(word: string): boolean {
  try {
    return kindOf(word) !== undefined;
  } catch {
    return false;
  }
}
