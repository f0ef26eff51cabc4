import { API_GROUP, DISPLAY_NAME_ANNOTATION, displayName, type ObjectMeta, type TeamSpec } from '@wegent/api';
import type { Language } from '../i18n/i18n.ts';

/** The words of an agent that people read. */
export interface AgentWords {
  displayName: string;
  description: string | undefined;
  quickPrompts: readonly string[];
}

/**
 * The words of a Team in the reader's language: annotations such as `agent.wecode.io/display-name.zh` where there
 * are any (`quick-prompts.zh` is a JSON list), else what the Team itself says.
 */
export function agentWords(metadata: ObjectMeta, spec: TeamSpec, language: Language): AgentWords {
  const said = (name: string) => metadata.annotations?.[`${API_GROUP}/${name}.${language}`];
  return {
    displayName: localName(metadata, language),
    description: said('description') ?? spec.description,
    quickPrompts: readList(said('quick-prompts')) ?? spec.quickPrompts ?? [],
  };
}

/** The name of an object in the reader's language, else the one that it has for everybody. */
export function localName(metadata: ObjectMeta, language: Language): string {
  return metadata.annotations?.[`${DISPLAY_NAME_ANNOTATION}.${language}`] ?? displayName({ metadata });
}

function readList(json: string | undefined): string[] | undefined {
  if (json === undefined) return undefined;
  try {
    const list: unknown = JSON.parse(json);
    return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : undefined;
  } catch {
    return undefined;
  }
}
