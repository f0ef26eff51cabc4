import { ApiError } from '@wegent/api';
import { isMapping } from '@wegent/kube';
import {
  type Document,
  isNode,
  isScalar,
  Lexer,
  LineCounter,
  type ParsedNode,
  parseAllDocuments,
  visit,
} from 'yaml';

/** Bytes of one request that carries documents. */
export const MAX_DOCUMENT_BYTES = 3 * 1024 * 1024;
/** Documents of one request. */
export const MAX_DOCUMENTS = 1_000;
// Enough for anchors that people write; a bomb needs far more.
const MAX_ALIASES = 32;
const MAX_TOKENS = 100_000;

/**
 * The documents of a request body: a JSON value or YAML text; a list, a `kind: List`, several YAML documents or a
 * single one. Empty YAML documents are left out. Throws `BadRequest` with line and column for text that is no YAML,
 * for tags and for anchors that multiply, and `RequestEntityTooLarge` for too many documents.
 */
export function toDocuments(body: unknown): unknown[] {
  const roots = typeof body === 'string' ? parseYaml(body) : [body];
  const documents = roots.flatMap((root) => (Array.isArray(root) ? root : [root])).flatMap(itemsOf);
  if (documents.length > MAX_DOCUMENTS) {
    throw new ApiError(
      'RequestEntityTooLarge',
      `at most ${MAX_DOCUMENTS} documents fit into one request, got ${documents.length}`,
    );
  }
  if (documents.length === 0) throw new ApiError('BadRequest', 'the request holds no document');
  return documents;
}

/** The one document of a request body; `BadRequest` when there are more. */
export function toDocument(body: unknown): unknown {
  if (typeof body !== 'string') return body;
  const [document, ...more] = parseYaml(body);
  if (document === undefined) throw new ApiError('BadRequest', 'the request holds no document');
  if (more.length > 0)
    throw new ApiError('BadRequest', `expected one document, got ${more.length + 1}; use apply for several`);
  return document;
}

function itemsOf(document: unknown): unknown[] {
  const isList = isMapping(document) && document.kind === 'List' && Array.isArray(document.items);
  return isList ? (document.items as unknown[]) : [document];
}

function parseYaml(text: string): unknown[] {
  if (Buffer.byteLength(text) > MAX_DOCUMENT_BYTES) {
    throw new ApiError('RequestEntityTooLarge', `the documents are longer than ${MAX_DOCUMENT_BYTES} bytes`);
  }
  refuseManyTokens(text);
  const lineCounter = new LineCounter();
  const parsed = parseAllDocuments(text, {
    lineCounter,
    prettyErrors: false,
    merge: true,
    resolveKnownTags: false,
    // The parser compares all keys with each other, which takes minutes for a large mapping; see refuseDuplicateKeys.
    uniqueKeys: false,
    logLevel: 'silent',
  });
  if (!Array.isArray(parsed)) return [];
  return parsed
    .map((document) => toValue(document, lineCounter))
    .filter((value) => value !== null && value !== undefined);
}

// Parsing takes microseconds for each token and stops everything else meanwhile. Splitting into tokens is much faster.
function refuseManyTokens(text: string): void {
  let tokens = 0;
  for (const _token of new Lexer().lex(text)) {
    tokens += 1;
    if (tokens > MAX_TOKENS) {
      throw new ApiError(
        'RequestEntityTooLarge',
        `the YAML has more than ${MAX_TOKENS} tokens; send fewer documents at once`,
      );
    }
  }
}

function toValue(document: Document.Parsed<ParsedNode>, lineCounter: LineCounter): unknown {
  // Warnings are tags that nobody knows here: a document must not mean something else than it says.
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) throw unreadable(lineCounter, problem.pos[0], problem.message);
  refuseDuplicateKeys(document, lineCounter);
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    throw new ApiError(
      'BadRequest',
      `the YAML cannot be read: more than ${MAX_ALIASES} aliases, or one without its anchor`,
      { cause },
    );
  }
}

function refuseDuplicateKeys(document: Document.Parsed<ParsedNode>, lineCounter: LineCounter): void {
  visit(document, {
    Map(_key, map) {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        const position = isNode(key) ? (key.range?.[0] ?? 0) : 0;
        if (!isScalar(key)) throw unreadable(lineCounter, position, 'Map keys must be text');
        if (seen.has(key.value)) throw unreadable(lineCounter, position, 'Map keys must be unique');
        seen.add(key.value);
      }
    },
  });
}

function unreadable(lineCounter: LineCounter, position: number, message: string): ApiError {
  const { line, col } = lineCounter.linePos(position);
  return new ApiError('BadRequest', `the YAML cannot be read at line ${line}, column ${col}: ${message}`);
}
