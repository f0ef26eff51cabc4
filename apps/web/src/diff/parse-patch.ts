/** One line of a change. A line of context has both numbers. */
export interface DiffLine {
  type: 'context' | 'add' | 'delete';
  text: string;
  oldLine?: number;
  newLine?: number;
}

/** Lines of a file that changed, with those around them. */
export interface Hunk {
  /** What stands behind the second `@@`, such as the name of the function. */
  section: string;
  lines: readonly DiffLine[];
}

/** What a change does to one file. */
export interface FilePatch {
  hunks: readonly Hunk[];
  binary: boolean;
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/;

/** Reads the unified diff of one file. What it does not understand is left out. */
export function parsePatch(text: string): FilePatch {
  const hunks: Hunk[] = [];
  let binary = false;
  const rest = text.split('\n');
  for (let index = 0; index < rest.length; index += 1) {
    const line = rest[index] ?? '';
    const head = HUNK.exec(line);
    if (!head) {
      // Only before the first hunk: afterwards such words are text of the file.
      if (hunks.length === 0) binary ||= /^(Binary files .* differ|GIT binary patch)$/.test(line.trimEnd());
      continue;
    }
    const oldCount = Number(head[2] ?? 1);
    const newCount = Number(head[4] ?? 1);
    const end = endOfHunk({ lines: rest, start: index + 1, oldCount, newCount });
    hunks.push({
      section: head[5] ?? '',
      lines: numberLines(rest.slice(index + 1, end), Number(head[1]), Number(head[3])),
    });
    index = end - 1;
  }
  return { hunks, binary };
}

/** Numbers the lines of a hunk: each begins with a space, `+` or `-`. */
export function numberLines(lines: readonly string[], oldStart: number, newStart: number): DiffLine[] {
  let oldLine = oldStart;
  let newLine = newStart;
  return lines.flatMap((line): DiffLine[] => {
    const text = line.slice(1);
    if (line.startsWith('+')) return [{ type: 'add', text, newLine: newLine++ }];
    if (line.startsWith('-')) return [{ type: 'delete', text, oldLine: oldLine++ }];
    // “\ No newline at end of file” is about the line before it.
    if (line.startsWith('\\')) return [];
    return [{ type: 'context', text, oldLine: oldLine++, newLine: newLine++ }];
  });
}

// The counts of the head say where a hunk ends: a deleted line may itself look like the head of the next one.
function endOfHunk({
  lines,
  start,
  oldCount,
  newCount,
}: {
  lines: readonly string[];
  start: number;
  oldCount: number;
  newCount: number;
}): number {
  let oldLeft = oldCount;
  let newLeft = newCount;
  let index = start;
  while (index < lines.length && (oldLeft > 0 || newLeft > 0)) {
    const sign = lines[index]?.[0];
    // Whatever begins otherwise is no line of a hunk, whatever the counts say; an empty one lost its space on the way.
    if (sign !== undefined && !' +-\\'.includes(sign)) break;
    if (sign !== '+' && sign !== '\\') oldLeft -= 1;
    if (sign !== '-' && sign !== '\\') newLeft -= 1;
    index += 1;
  }
  return index;
}
