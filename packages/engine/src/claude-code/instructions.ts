import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { ExecutionSpec } from '@wegent/api';

const FILES = ['CLAUDE.md', '.claude/CLAUDE.md', 'AGENTS.md'];
const MAX_BYTES = 100_000;

/**
 * What is added to the agent's own instructions: those of the Ghost, and those that the work tree has for agents. We
 * read the latter ourselves, because an agent that loads a project's settings also runs its hooks.
 */
export async function instructionsOf(spec: ExecutionSpec, workFolder: string): Promise<string> {
  const parts = [spec.systemPrompt.trim()];
  if (spec.options.clarification)
    parts.push(
      'Before you begin, ask the person with AskUserQuestion about whatever is unclear in the task. Begin when you know enough.',
    );
  parts.push(...(await projectInstructions(workFolder)));
  return parts.filter((part) => part !== '').join('\n\n');
}

async function projectInstructions(workFolder: string): Promise<string[]> {
  const found = new Map<string, string>();
  for (const file of FILES) {
    const text = await readInside(workFolder, file);
    // Many projects keep one file under both names.
    if (text && ![...found.values()].includes(text)) found.set(file, text);
  }
  return [...found].map(([file, text]) => `Instructions of the project (${file}):\n\n${text}`);
}

async function readInside(workFolder: string, file: string): Promise<string | undefined> {
  try {
    const root = await realpath(workFolder);
    const path = await realpath(join(root, file));
    const about = await stat(path);
    if (!path.startsWith(root + sep) || !about.isFile() || about.size > MAX_BYTES) return undefined;
    return (await readFile(path, 'utf8')).trim();
  } catch {
    return undefined;
  }
}
