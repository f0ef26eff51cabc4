import { saveFile } from '../../ui/save-file.ts';
import { type AgentDraft, teamOf, withParts } from '../draft/agent-draft.ts';
import type { Catalog } from '../draft/catalog.ts';
import { yamlFromDraft } from '../draft/draft-yaml.ts';

/** Hands an agent with its own parts to the person as a YAML file; secrets are masks in it. */
export function downloadYaml(draft: AgentDraft, catalog: Catalog): void {
  saveFile({
    name: `${teamOf(draft)?.metadata.name ?? 'agent'}.yaml`,
    type: 'application/yaml',
    content: yamlFromDraft(withParts(draft, catalog)),
  });
}
