/** A tool call in words: what is done, and to what. `agent` is the helper that does it. */
export interface ToolTitle {
  agent: string | undefined;
  action: ToolAction | undefined;
  what: string;
}

/** What the tools of coding agents do, as far as the interface has words for it. */
export type ToolAction = (typeof ACTIONS)[number]['action'];

// The engine words titles in English and knows the path inside the work tree; the verb is put into the reader's language.
const ACTIONS = [
  { tools: ['Read'], action: 'read', title: /^Read (.+)$/ },
  { tools: ['Write'], action: 'write', title: /^Write (.+)$/ },
  { tools: ['Edit', 'MultiEdit', 'NotebookEdit'], action: 'edit', title: /^Edit (.+)$/ },
  { tools: ['Glob'], action: 'find', title: /^Find files (.+)$/ },
  { tools: ['Grep'], action: 'search', title: /^Search for (.+)$/ },
  { tools: ['WebFetch'], action: 'fetch', title: /^Fetch (.+)$/ },
  { tools: ['WebSearch'], action: 'webSearch', title: /^Search the web for (.+)$/ },
  { tools: ['Agent', 'Task'], action: 'agent', title: /^Agent: (.+)$/ },
  { tools: ['Skill'], action: 'skill', title: /^Skill: (.+)$/ },
  { tools: ['AskUserQuestion'], action: 'ask', title: /^()Ask a question$/ },
  { tools: ['ExitPlanMode'], action: 'plan', title: /^()(?:Propose a plan|Work by this plan)$/ },
  { tools: ['next-stage'], action: 'nextStage', title: /^Go on with (.+)$/ },
  { tools: ['TodoWrite'], action: 'todo', title: /^().*$/ },
] as const;

/** Reads the title that an engine gave a tool call. One that it does not know stays as it is. */
export function readToolTitle(tool: string, title: string): ToolTitle {
  const [, agent, rest = title] = /^(.+?) › (.+)$/s.exec(title) ?? [];
  const known = ACTIONS.find(({ tools }) => tools.some((name) => name === tool));
  const match = known?.title.exec(rest);
  if (!known || !match) return { agent, action: undefined, what: rest || tool };
  return { agent, action: known.action, what: match[1] ?? '' };
}
