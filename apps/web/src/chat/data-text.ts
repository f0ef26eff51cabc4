/** The data of a tool as people read it: text as it is, JSON (also inside text) indented. */
export function dataText(value: unknown): string {
  if (typeof value === 'string') {
    const parsed = parseObject(value);
    return parsed === undefined ? value : dataText(parsed);
  }
  const text = textOfParts(value);
  if (text !== undefined) return dataText(text);
  return JSON.stringify(value, null, 2) ?? '';
}

// MCP tools answer with a list of parts; when all are text, the text is what matters.
function textOfParts(value: unknown): string | undefined {
  const parts = Array.isArray(value) ? value : readContent(value);
  if (!parts || parts.length === 0) return undefined;
  const texts = parts.map((part: unknown) =>
    typeof part === 'object' && part !== null && 'type' in part && part.type === 'text' && 'text' in part
      ? part.text
      : undefined,
  );
  return texts.every((text) => typeof text === 'string') ? texts.join('\n') : undefined;
}

function readContent(value: unknown): unknown[] | undefined {
  if (typeof value !== 'object' || value === null || !('content' in value)) return undefined;
  return Array.isArray(value.content) ? value.content : undefined;
}

function parseObject(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
