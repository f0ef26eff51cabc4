/** Characters of one tool result; more would crowd out the conversation. */
const MAX_TEXT = 200_000;

/**
 * A tool's result as people see it: an MCP result that is only text becomes that text, bytes of images and files
 * become a note, anything else stays as it is.
 */
export function compactOutput(output: unknown): unknown {
  const content = contentOf(output);
  if (content === undefined) return output ?? null;
  const parts = content.map(compactPart);
  return parts.every((part) => typeof part === 'string') ? parts.join('\n') : parts;
}

/** Cuts texts of an MCP result that are too long, so that the model can still read the rest of the conversation. */
export function limitOutput<Output>(output: Output): Output {
  const content = contentOf(output);
  if (content === undefined) return output;
  return {
    ...output,
    content: content.map((part) => (isText(part) ? { ...part, text: cut(part.text) } : part)),
  };
}

/** All text of an MCP result, for an error message. */
export function textOfOutput(output: unknown): string {
  return cut(
    (contentOf(output) ?? [])
      .filter(isText)
      .map((part) => part.text)
      .join('\n'),
  );
}

function contentOf(output: unknown): unknown[] | undefined {
  if (typeof output !== 'object' || output === null || !('content' in output)) return undefined;
  return Array.isArray(output.content) ? output.content : undefined;
}

function isText(part: unknown): part is { type: 'text'; text: string } {
  return (
    typeof part === 'object' &&
    part !== null &&
    'type' in part &&
    part.type === 'text' &&
    'text' in part &&
    typeof part.text === 'string'
  );
}

function compactPart(part: unknown): unknown {
  if (isText(part)) return part.text;
  if (typeof part !== 'object' || part === null) return part;
  if ('data' in part && typeof part.data === 'string')
    return { ...part, data: `${part.data.length} characters of base64` };
  return part;
}

function cut(text: string): string {
  return text.length <= MAX_TEXT
    ? text
    : `${text.slice(0, MAX_TEXT)}\n[cut off: ${text.length - MAX_TEXT} more characters]`;
}
