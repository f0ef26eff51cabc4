import { ApiError, type Selector } from '@wegent/api';
import { checkSelectorLength } from './selectors.ts';

/**
 * Parses a field selector (`metadata.name=a,spec.type!=code`); `\,`, `\=` and `\\` stand for the characters
 * themselves. `selectable` lists the fields that may be named besides `metadata.name` and `metadata.namespace`.
 * Throws `BadRequest` that names the bad part.
 */
export function parseFieldSelector(text: string, selectable: readonly string[]): Selector {
  checkSelectorLength(text, 'fieldSelector');
  if (text.trim() === '') return [];
  const allowed = ['metadata.name', 'metadata.namespace', ...selectable];
  return splitTerms(text).map((term) => {
    if (term.trim() === '')
      throw new ApiError('BadRequest', `unable to parse fieldSelector "${text}": a requirement is empty`);
    const { field, operator, value } = splitTerm(term);
    if (!allowed.includes(field)) {
      throw badTerm(term, `field "${field}" is not supported; supported are ${allowed.join(', ')}`);
    }
    return { key: field, operator: operator === '!=' ? 'notin' : 'in', values: [unescaped(term, value)] };
  });
}

function splitTerms(text: string): string[] {
  return text.match(/(?:\\[\s\S]|[^\\,]|\\$)+|(?<=,|^)(?=,|$)/g) ?? [];
}

function splitTerm(term: string): { field: string; operator: string; value: string } {
  const [, field, operator, value] = /^((?:\\[\s\S]|[^\\=!])*?)(==|!=|=)([\s\S]*)$/.exec(term) ?? [];
  if (field === undefined || operator === undefined || value === undefined)
    throw badTerm(term, 'expected field=value or field!=value');
  return { field: field.trim(), operator, value };
}

function unescaped(term: string, value: string): string {
  if (/(?<!\\)(?:\\\\)*=/.test(value)) throw badTerm(term, 'write \\= for an equals sign within a value');
  if (/\\(?![\\,=])/.test(value.replaceAll('\\\\', '')))
    throw badTerm(term, 'a backslash stands before a comma, an equals sign or a backslash only');
  return value.replaceAll(/\\([\\,=])/g, '$1');
}

function badTerm(term: string, why: string): ApiError {
  return new ApiError('BadRequest', `unable to parse fieldSelector: "${term.slice(0, 200)}": ${why}`);
}
