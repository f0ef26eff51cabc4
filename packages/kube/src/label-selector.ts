import { ApiError, isLabelKey, isLabelValue, type Requirement, type Selector } from '@wegent/api';
import { checkSelectorLength } from './selectors.ts';

const LABEL_TOKEN = /\s*(?:(==|!=|[()!,=<>])|([^\s()!,=<>]+))/y;

/**
 * Parses a label selector (`app=web,tier in (a, b),!old`). Throws `BadRequest` that names the bad part.
 */
export function parseLabelSelector(text: string): Selector {
  checkSelectorLength(text, 'labelSelector');
  if (text.trim() === '') return [];
  const reader = createTokenReader(text);
  const requirements: Requirement[] = [];
  do requirements.push(readRequirement(reader));
  while (reader.take(','));
  if (reader.peek() !== undefined) throw reader.unexpected('a comma or the end');
  return requirements;
}

interface TokenReader {
  peek(): string | undefined;
  next(): string | undefined;
  /** Takes the token when it is this one. */
  take(token: string): boolean;
  unexpected(wanted: string): ApiError;
}

function createTokenReader(text: string): TokenReader {
  const pattern = new RegExp(LABEL_TOKEN);
  let start = 0;
  let current: string | undefined;
  const advance = () => {
    start = pattern.lastIndex;
    const match = pattern.exec(text);
    // What is left is white space, or the end.
    current = match === null ? undefined : (match[1] ?? match[2]);
    if (match === null) pattern.lastIndex = text.length;
  };
  advance();
  const next = () => {
    const token = current;
    advance();
    return token;
  };
  return {
    peek: () => current,
    next,
    take(token) {
      if (current !== token) return false;
      next();
      return true;
    },
    unexpected: (wanted) =>
      badLabel(
        text.slice(start).trim(),
        `expected ${wanted}, found ${current === undefined ? 'the end' : `"${current}"`}`,
      ),
  };
}

function readRequirement(reader: TokenReader): Requirement {
  if (reader.take('!')) return { key: readKey(reader), operator: 'doesnotexist', values: [] };
  const key = readKey(reader);
  const operator = reader.peek();
  switch (operator) {
    case undefined:
    case ',':
      return { key, operator: 'exists', values: [] };
    case '=':
    case '==':
    case '!=':
      reader.next();
      return { key, operator: operator === '!=' ? 'notin' : 'in', values: [readValue(reader)] };
    case 'in':
    case 'notin':
      reader.next();
      return { key, operator, values: readValues(reader) };
    case '<':
    case '>':
      throw badLabel(
        `${key}${operator}`,
        'the operators < and > are not supported; use =, !=, in, notin or existence',
      );
    default:
      throw reader.unexpected('=, ==, !=, in or notin');
  }
}

function readKey(reader: TokenReader): string {
  const key = reader.peek();
  if (key === undefined || isSymbol(key)) throw reader.unexpected('a label key');
  reader.next();
  if (!isLabelKey(key)) throw badLabel(key, `"${key}" is not a valid label key`);
  return key;
}

/** A value may be empty: `app=`, `app in (,x)`. */
function readValue(reader: TokenReader): string {
  const value = reader.peek();
  if (value === undefined || value === ',' || value === ')') return '';
  if (isSymbol(value)) throw reader.unexpected('a label value');
  reader.next();
  if (!isLabelValue(value)) throw badLabel(value, `"${value}" is not a valid label value`);
  return value;
}

function readValues(reader: TokenReader): string[] {
  if (!reader.take('(')) throw reader.unexpected('"(" and a list of values');
  const values = [readValue(reader)];
  while (reader.take(',')) values.push(readValue(reader));
  if (!reader.take(')')) throw reader.unexpected('")" after the values');
  return values;
}

function isSymbol(token: string): boolean {
  return /^[()!,=<>]/.test(token);
}

function badLabel(part: string, why: string): ApiError {
  return new ApiError('BadRequest', `unable to parse labelSelector: "${part.slice(0, 200)}": ${why}`);
}
