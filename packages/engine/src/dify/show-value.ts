import { asRecord, textIn } from './dify-event.ts';

/** Characters of an input or output that people see; nodes hand on whole documents. */
const MAX_SHOWN = 20_000;

/** A value for a step: text that is JSON is read, and what is too long is cut. */
export function shownValue(value: unknown): unknown {
  const read = typeof value === 'string' ? parsed(value) : value;
  const text = typeof read === 'string' ? read : (JSON.stringify(read ?? null) ?? '');
  if (text.length <= MAX_SHOWN) return read ?? null;
  return `${text.slice(0, MAX_SHOWN)}\n[cut off: ${text.length - MAX_SHOWN} more characters]`;
}

/** Outputs of a workflow as an answer: one text as it is, several under their names. */
export function outputsText(outputs: Record<string, unknown>, written: string): string {
  const entries = Object.entries(outputs).filter(([, value]) => {
    if (value === null || value === undefined || value === '') return false;
    return !(typeof value === 'string' && written !== '' && written.includes(value.trim()));
  });
  const [first] = entries;
  if (!first) return '';
  if (entries.length === 1 && written === '' && typeof first[1] === 'string') return first[1];
  return entries
    .map(([name, value]) =>
      typeof value === 'string'
        ? `**${name}**\n\n${value}`
        : `**${name}**\n\n\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``,
    )
    .join('\n\n');
}

/** A file of an answer as a link, or nothing when it has no usable address. Relative ones belong to the server. */
export function fileLink(file: unknown, baseUrl: string): string {
  const fields = asRecord(file);
  const address = textIn(fields, 'url') || textIn(fields, 'remote_url');
  const url = address === '' ? null : URL.parse(address, baseUrl);
  if (!url || !/^https?:$/.test(url.protocol)) return '';
  const name = textIn(fields, 'filename') || decodedName(url) || 'file';
  return `[${name.replaceAll(/[[\]\r\n\\]/g, ' ')}](<${url.href.replaceAll('>', '%3E')}>)`;
}

function decodedName(url: URL): string {
  const last = url.pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

function parsed(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
