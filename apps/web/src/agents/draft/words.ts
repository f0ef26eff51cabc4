import { API_GROUP, DISPLAY_NAME_ANNOTATION } from '@wegent/api';
import { isMapping } from '@wegent/kube';
import { type AgentDocument, titleOf } from './agent-document.ts';
import { type AgentDraft, editSpec, editTitle, findDocument, replaceDocument } from './agent-draft.ts';

/** The words of a Team that people read. */
export interface TeamWords {
  title: string;
  description: string;
  quickPrompts: readonly string[];
}

/**
 * The words of a Team in a language: annotations such as `agent.wecode.io/display-name.zh` where it has them, else
 * what it says to everybody.
 */
export function wordsOf(team: AgentDocument, language: string): TeamWords {
  const { description, quickPrompts } = team.spec;
  return {
    title: said(team, `${DISPLAY_NAME_ANNOTATION}.${language}`) ?? titleOf(team),
    description: said(team, `${API_GROUP}/description.${language}`) ?? textOf(description),
    quickPrompts:
      listIn(said(team, `${API_GROUP}/quick-prompts.${language}`)) ??
      (Array.isArray(quickPrompts) ? quickPrompts.map(textOf) : []),
  };
}

/** Changes words of a Team where the reader's language has them, which is where they were read. */
export function editWords(
  draft: AgentDraft,
  key: string,
  { language, ...change }: Partial<TeamWords> & { language: string },
): AgentDraft {
  const team = findDocument(draft, key);
  if (!team) return draft;
  const { title, description, quickPrompts } = change;
  let next = draft;
  if (title !== undefined) {
    const own = `${DISPLAY_NAME_ANNOTATION}.${language}`;
    next = has(team, own) ? annotate(next, key, own, title) : editTitle(next, key, title);
  }
  if (description !== undefined) {
    const own = `${API_GROUP}/description.${language}`;
    next = has(team, own)
      ? annotate(next, key, own, description)
      : editSpec(next, key, { description: description || undefined });
  }
  if (quickPrompts !== undefined) {
    const own = `${API_GROUP}/quick-prompts.${language}`;
    next = has(team, own)
      ? annotate(next, key, own, JSON.stringify(quickPrompts))
      : editSpec(next, key, { quickPrompts: quickPrompts.length === 0 ? undefined : [...quickPrompts] });
  }
  return next;
}

/** Text of a field that may hold anything. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : String(value);
}

function annotate(draft: AgentDraft, key: string, name: string, value: string): AgentDraft {
  const document = findDocument(draft, key);
  if (!document) return draft;
  const before = isMapping(document.metadata.annotations) ? document.metadata.annotations : {};
  const annotations = { ...before, [name]: value };
  return replaceDocument(draft, key, { ...document, metadata: { ...document.metadata, annotations } });
}

function said({ metadata }: AgentDocument, name: string): string | undefined {
  const text = isMapping(metadata.annotations) ? metadata.annotations[name] : undefined;
  return typeof text === 'string' ? text : undefined;
}

function has(document: AgentDocument, name: string): boolean {
  return said(document, name) !== undefined;
}

function listIn(json: string | undefined): string[] | undefined {
  if (json === undefined) return undefined;
  try {
    const list: unknown = JSON.parse(json);
    return Array.isArray(list) ? list.map(textOf) : undefined;
  } catch {
    return undefined;
  }
}
