import { collectSecrets, kindByName, MASK } from '@wegent/api';
import type { AgentDraft } from '../draft/agent-draft.ts';
import { draftFromYaml, yamlFromDraft } from '../draft/draft-yaml.ts';

/** Keeps the changes of an agent in this tab, for whoever leaves the page by mistake. Secrets are never kept. */
export function keepDraft(place: string, draft: AgentDraft | undefined): void {
  try {
    if (!draft || !canKeep(draft)) sessionStorage.removeItem(nameOf(place));
    else sessionStorage.setItem(nameOf(place), yamlFromDraft(draft));
  } catch {
    // Storage may be blocked or full; the draft is still on the page.
  }
}

/** The changes that were kept for an agent. */
export function keptDraft(place: string): AgentDraft | undefined {
  try {
    const text = sessionStorage.getItem(nameOf(place));
    return text === null ? undefined : draftFromYaml(text, '').draft;
  } catch {
    return undefined;
  }
}

function nameOf(place: string): string {
  return `wegent.agent-draft.${place}`;
}

/** May a draft be kept? Not one with a secret that somebody has just written. */
export function canKeep(draft: AgentDraft): boolean {
  return !draft.documents.some((document) =>
    [...collectSecrets(document, kindByName(document.kind)?.secrets ?? []).values()].some(
      (secret) => secret !== MASK && secret !== '',
    ),
  );
}
