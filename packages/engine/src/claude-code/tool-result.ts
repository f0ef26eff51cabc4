/** Characters of one text in a result; more is cut off. */
const MAX_TEXT = 100_000;
/** Lines of a new file that are shown as a diff. */
const MAX_NEW_LINES = 2_000;

/**
 * A tool's result as people see it: what the tool says in structure (`stdout`, `structuredPatch`, …) without the
 * copies of whole files, else the text that the model got.
 */
export function toolResult(content: unknown, structured: unknown, isError: boolean): unknown {
  if (isError || !isRecord(structured)) return cut(textOfContent(content));
  const { originalFile: _original, ...rest } = structured;
  if (rest.type === 'create' && typeof rest.content === 'string') {
    const { content: created, ...file } = rest;
    return { ...file, structuredPatch: patchOfNewFile(created) };
  }
  if (rest.isImage === true) return { ...rest, stdout: '[image]' };
  if (rest.type === 'image') return '[image]';
  return shorten(rest, 0);
}

function patchOfNewFile(content: string) {
  const lines = content.replace(/\n$/, '').split('\n');
  return [
    {
      oldStart: 0,
      oldLines: 0,
      newStart: 1,
      newLines: lines.length,
      lines: lines.slice(0, MAX_NEW_LINES).map((line) => `+${line}`),
    },
  ];
}

function textOfContent(content: unknown): string {
  if (typeof content === 'string') return content.replaceAll(/<\/?tool_use_error>/g, '');
  if (!Array.isArray(content))
    return content === undefined || content === null ? '' : JSON.stringify(content);
  return content
    .map((part: unknown) => {
      if (!isRecord(part)) return '';
      return typeof part.text === 'string' ? part.text : `[${String(part.type)}]`;
    })
    .join('\n');
}

function shorten(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cut(value);
  if (depth > 8) return null;
  if (Array.isArray(value)) return value.map((item) => shorten(item, depth + 1));
  if (!isRecord(value)) return value;
  if (value.type === 'base64' || typeof value.base64 === 'string') return '[bytes]';
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shorten(item, depth + 1)]));
}

function cut(text: string): string {
  return text.length <= MAX_TEXT
    ? text
    : `${text.slice(0, MAX_TEXT)}\n[cut off: ${text.length - MAX_TEXT} more characters]`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
