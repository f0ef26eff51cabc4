import { isAbsolute, relative, sep } from 'node:path';

const MAX_TITLE = 120;

/** A tool call in words for people. Paths are relative to the work tree. */
export function toolTitle(tool: string, input: unknown, workFolder: string): string {
  const text = (key: string) => textOf(input, key);
  const file = () => pathOf(text('file_path') || text('notebook_path') || text('path'), workFolder);
  switch (tool) {
    case 'Bash':
      return short(text('description') || text('command') || 'Run a command');
    case 'Read':
      return short(`Read ${file()}`);
    case 'Write':
      return short(`Write ${file()}`);
    case 'Edit':
    case 'NotebookEdit':
      return short(`Edit ${file()}`);
    case 'Glob':
      return short(`Find files ${text('pattern')}`);
    case 'Grep':
      return short(`Search for ${text('pattern')}`);
    case 'WebFetch':
      return short(`Fetch ${text('url')}`);
    case 'WebSearch':
      return short(`Search the web for ${text('query')}`);
    case 'Agent':
    case 'Task':
      return short(`Agent: ${text('description') || text('subagent_type') || 'a part of the task'}`);
    case 'Skill':
      return short(`Skill: ${text('skill').replace(/^[^:]*:/, '')}`);
    case 'AskUserQuestion':
      return 'Ask a question';
    case 'ExitPlanMode':
      return 'Propose a plan';
    default:
      return short(mcpTitle(tool) ?? humanise(tool));
  }
}

function mcpTitle(tool: string): string | undefined {
  const [, server, name] = /^mcp__(.+?)__(.+)$/.exec(tool) ?? [];
  return server === undefined || name === undefined ? undefined : `${server}: ${humanise(name)}`;
}

function pathOf(path: string, workFolder: string): string {
  if (!isAbsolute(path)) return path;
  const inside = relative(workFolder, path);
  return inside === '' || inside === '..' || inside.startsWith(`..${sep}`) ? path : inside;
}

function textOf(input: unknown, key: string): string {
  if (typeof input !== 'object' || input === null) return '';
  const value: unknown = Reflect.get(input, key);
  return typeof value === 'string' ? value : '';
}

function humanise(name: string): string {
  const words = name
    .replaceAll(/[_-]+/g, ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .trim()
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function short(title: string): string {
  const line = title.replaceAll(/\s+/g, ' ').trim();
  return line.length <= MAX_TITLE ? line : `${line.slice(0, MAX_TITLE - 1)}…`;
}
