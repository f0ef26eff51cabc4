import { costOf, type ModelEndpoint, type Usage } from '@wegent/api';
import { createSseReader } from './sse-lines.ts';
import { type Tokens, usageFacts } from './usage-facts.ts';

/** Counts what one answer of a model used while it passes. */
export interface UsageMeter {
  write(chunk: Buffer): void;
  /** What was used; undefined when nothing was, because nothing came. Estimated where the answer does not tell. */
  end(): Usage | undefined;
}

const MAX_JSON = 32 * 1024 * 1024;
/** Rule of thumb of the providers. */
const CHARACTERS_PER_TOKEN = 4;

/** Makes the meter of one answer. Smaller helper models are counted at the Model's price. */
export function createUsageMeter(given: {
  endpoint: Pick<ModelEndpoint, 'protocol' | 'pricing'>;
  isStream: boolean;
  /** Bytes of the question, for answers that end before they say what it took. */
  questionBytes: number;
}): UsageMeter {
  const { endpoint, isStream, questionBytes } = given;
  let tokens: Partial<Tokens> = {};
  let characters = 0;
  let isFinal = false;
  let hasCome = false;
  const json: Buffer[] = [];
  let jsonBytes = 0;

  function take(text: string): void {
    const value = parse(text);
    if (value === undefined) return;
    const facts = usageFacts(endpoint.protocol, value);
    tokens = { ...tokens, ...facts.tokens };
    characters += facts.characters;
    isFinal ||= facts.isFinal;
  }

  const readEvents = createSseReader(take);
  return {
    write(chunk) {
      hasCome ||= chunk.length > 0;
      if (isStream) return readEvents(chunk);
      jsonBytes += chunk.length;
      if (jsonBytes <= MAX_JSON) json.push(chunk);
    },
    end() {
      if (!hasCome) return undefined;
      if (!isStream) take(Buffer.concat(json).toString('utf8'));
      const estimate = isFinal ? 0 : Math.ceil(characters / CHARACTERS_PER_TOKEN);
      const counted: Tokens = {
        inputTokens: tokens.inputTokens ?? Math.ceil(questionBytes / CHARACTERS_PER_TOKEN),
        cachedInputTokens: tokens.cachedInputTokens ?? 0,
        outputTokens: Math.max(tokens.outputTokens ?? 0, estimate),
        reasoningTokens: tokens.reasoningTokens ?? 0,
      };
      return { ...counted, costUsd: costOf(counted, endpoint.pricing) };
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
