import { ApiError } from '@wegent/api';
import { isMapping } from '@wegent/kube';
import { type Document, LineCounter, type ParsedNode, parseAllDocuments } from 'yaml';

/** Bytes of one request that carries documents. */
export const MAX_DOCUMENT_BYTES = 3 * 1024 * 1024;
/** Documents of one request. */
export const MAX_DOCUMENTS = 1_000;
// Enough for anchors that people write; a bomb needs far more.
const MAX_ALIASES = 32;

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
  const lineCounter = new LineCounter();
  const parsed = parseAllDocuments(text, {
    lineCounter,
    prettyErrors: false,
    merge: true,
    resolveKnownTags: false,
    logLevel: 'silent',
  });
  if (!Array.isArray(parsed)) return [];
  return parsed
    .map((document) => toValue(document, lineCounter))
    .filter((value) => value !== null && value !== undefined);
}

function toValue(document: Document.Parsed<ParsedNode>, lineCounter: LineCounter): unknown {
  // Warnings are tags that nobody knows here: a document must not mean something else than it says.
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) {
    const { line, col } = lineCounter.linePos(problem.pos[0]);
    throw new ApiError(
      'BadRequest',
      `the YAML cannot be read at line ${line}, column ${col}: ${problem.message}`,
      { cause: problem },
    );
  }
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
