import { type AgentDraft, teamOf, withParts } from '../draft/agent-draft.ts';
import type { Catalog } from '../draft/catalog.ts';
import { yamlFromDraft } from '../draft/draft-yaml.ts';

/** Hands an agent with its own parts to the person as a YAML file; secrets are masks in it. */
export function downloadYaml(draft: AgentDraft, catalog: Catalog): void {
  const text = yamlFromDraft(withParts(draft, catalog));
  const url = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${teamOf(draft)?.metadata.name ?? 'agent'}.yaml`;
  link.click();
  URL.revokeObjectURL(url);
}
