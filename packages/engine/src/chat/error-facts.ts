/** What can be learned from a failure, whatever its class: nothing here decides anything. */
export interface ErrorFacts {
  /** HTTP status of the answer, or what a provider's stream error stands for. */
  status?: number;
  /** The provider's error type and code, in lower case, such as `overloaded_error`. */
  codes: string[];
  /** Code of a network error, such as ECONNREFUSED. */
  network?: string;
  /** Class names of the error and its causes. */
  names: string[];
  /** All that was said, by the error and by the provider. */
  words: string;
  /** Milliseconds that the provider asks to wait. */
  retryAfterMs?: number;
  /** Was the answer something else than the protocol's JSON? */
  foreign: boolean;
}

const MAX_CAUSES = 8;

/** Reads an error of the AI SDK, of a provider's stream, of node:http or of anybody else. */
export function errorFacts(error: unknown): ErrorFacts {
  const facts: ErrorFacts = { codes: [], names: [], words: '', foreign: false };
  const words: string[] = [];
  let current = error;
  for (let depth = 0; depth < MAX_CAUSES && current !== undefined && current !== null; depth++) {
    if (typeof current !== 'object') {
      words.push(String(current));
      break;
    }
    readLayer(facts, words, current);
    current = 'cause' in current ? current.cause : undefined;
  }
  facts.words = [...new Set(words.filter((word) => word !== ''))].join(' · ');
  return facts;
}

function readLayer(facts: ErrorFacts, words: string[], layer: object): void {
  const fields = new Map<string, unknown>(Object.entries(layer));
  if (layer instanceof Error) facts.names.push(layer.name, layer.constructor.name);
  words.push(text(layer instanceof Error ? layer.message : fields.get('message')));
  const status = fields.get('statusCode') ?? fields.get('status');
  if (typeof status === 'number') facts.status ??= status;
  readCode(facts, fields.get('code'));
  readCode(facts, fields.get('type'));
  const headers = fields.get('responseHeaders');
  if (typeof headers === 'object' && headers !== null) {
    const wait = retryAfter(new Map(Object.entries(headers)));
    if (wait !== undefined) facts.retryAfterMs ??= wait;
  }
  readBody(facts, words, text(fields.get('responseBody')));
  for (const inner of [fields.get('data'), fields.get('error')]) {
    if (typeof inner === 'object' && inner !== null) readProviderError(facts, words, inner);
  }
}

function readBody(facts: ErrorFacts, words: string[], body: string): void {
  if (body === '') return;
  words.push(body);
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) readProviderError(facts, words, parsed);
  } catch {
    facts.foreign = true;
  }
}

/** `{error: {type, code, message}}`, the shape that all providers share, or its inside. */
function readProviderError(facts: ErrorFacts, words: string[], value: object): void {
  const fields = new Map<string, unknown>(Object.entries(value));
  const inner = fields.get('error');
  if (typeof inner === 'object' && inner !== null) readProviderError(facts, words, inner);
  readCode(facts, fields.get('code'));
  readCode(facts, fields.get('type'));
  readCode(facts, fields.get('status'));
  words.push(text(fields.get('message')));
}

function readCode(facts: ErrorFacts, code: unknown): void {
  if (typeof code === 'number' && code >= 400 && code < 600) facts.status ??= code;
  if (typeof code !== 'string') return;
  if (/^(E[A-Z]{3,}|UND_ERR_|CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HPE_)/.test(code))
    facts.network ??= code;
  else facts.codes.push(code.toLowerCase());
}

function retryAfter(headers: Map<string, unknown>): number | undefined {
  const exact = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (exact >= 0) return exact;
  const value = text(headers.get('retry-after'));
  if (value === '') return undefined;
  const wait = /^[\d.]+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
