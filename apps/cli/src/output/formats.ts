import type { ResourceObject } from '@wegent/api';
import { stringify } from 'yaml';
import { CommandError, EXIT } from '../failure.ts';

/** How `get` prints. */
export const OUTPUT_FORMATS = ['table', 'wide', 'yaml', 'json', 'name'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Reads the value of `-o`, or of another option; names those that exist. */
export function readFormat<Format extends string>(
  word: string,
  formats: readonly Format[],
  option = '-o',
): Format {
  const found = formats.find((format) => format === word);
  if (found !== undefined) return found;
  throw new CommandError(`${option} ${word} is unknown; known are ${formats.join(', ')}`, EXIT.usage);
}

/** An object, or several as a List, as a document that can be applied again. */
export function formatDocuments(
  objects: readonly ResourceObject[],
  { single, format }: { single: boolean; format: 'yaml' | 'json' },
): string {
  const [only] = objects;
  const document = single && only ? only : { apiVersion: 'v1', kind: 'List', items: objects };
  return format === 'json' ? `${JSON.stringify(document, null, 2)}\n` : formatYaml(document);
}

/** YAML as people write it: long texts as blocks, lines unfolded. */
export function formatYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, blockQuote: 'literal', aliasDuplicateObjects: false });
}
