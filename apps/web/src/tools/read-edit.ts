import type { FilePatch } from '../diff/parse-patch.ts';
import { patchOfTexts, readStructuredPatch } from '../diff/structured-patch.ts';
import { field, textField } from './tool-block.ts';

/** A change that a tool makes to a file. */
export interface FileEdit {
  path: string;
  patch: FilePatch;
}

const EDITORS = ['Edit', 'MultiEdit', 'Write'];

/** The change that an editing tool made, or is going to make; undefined for other tools and for what has no change. */
export function readEdit(tool: string, input: unknown, output?: unknown): FileEdit | undefined {
  if (!EDITORS.includes(tool)) return undefined;
  const path = textField(input, 'file_path', 'path') || textField(output, 'filePath');
  const patch = readStructuredPatch(field(output, 'structuredPatch')) ?? patchOfInput(input);
  return patch && patch.hunks.length > 0 ? { path, patch } : undefined;
}

/** Lines that a change adds and takes away. */
export function countLines({ hunks }: FilePatch): { additions: number; deletions: number } {
  const lines = hunks.flatMap((hunk) => hunk.lines);
  return {
    additions: lines.filter(({ type }) => type === 'add').length,
    deletions: lines.filter(({ type }) => type === 'delete').length,
  };
}

function patchOfInput(input: unknown): FilePatch | undefined {
  const content = field(input, 'content');
  if (typeof content === 'string') return patchOfTexts('', content.replace(/\n$/, ''));
  const edits = field(input, 'edits');
  const hunks = (Array.isArray(edits) ? edits : [input]).flatMap((edit) => patchOfEdit(edit).hunks);
  return hunks.length === 0 ? undefined : { binary: false, hunks };
}

function patchOfEdit(edit: unknown): FilePatch {
  const before = field(edit, 'old_string');
  const after = field(edit, 'new_string');
  if (typeof before !== 'string' || typeof after !== 'string') return { binary: false, hunks: [] };
  return withoutNumbers(patchOfTexts(before, after));
}

// Nobody knows yet where in the file it will be.
function withoutNumbers({ hunks, binary }: FilePatch): FilePatch {
  return {
    binary,
    hunks: hunks.map(({ section, lines }) => ({
      section,
      lines: lines.map(({ type, text }) => ({ type, text })),
    })),
  };
}
