import { DISPLAY_NAME_ANNOTATION } from '@wegent/api';
import {
  type AgentDocument,
  type DocumentPlace,
  keyOf,
  keyOfPlace,
  referenceTo,
  titleOf,
} from './agent-document.ts';
import { type AgentDraft, editSpec, findDocument, withParts } from './agent-draft.ts';
import type { Catalog, Scope } from './catalog.ts';
import { takenBy } from './compatibility.ts';
import { addDocuments, withoutUnused } from './edit-members.ts';
import { freeName } from './names.ts';

/** Changes the spec of a Model or Shell, which becomes a part of the draft if it is not one yet. */
export function editPart(
  draft: AgentDraft,
  part: AgentDocument,
  change: Record<string, unknown>,
): AgentDraft {
  return editSpec(addDocuments(draft, [part]), keyOf(part), change);
}

/** Makes another Model or Shell what a Bot uses; the one that was there leaves the draft when nothing else uses it. */
export function setPart(
  draft: AgentDraft,
  {
    bot,
    kind,
    place,
    catalog,
  }: { bot: string; kind: 'Model' | 'Shell'; place: DocumentPlace | undefined; catalog: Catalog },
): AgentDraft {
  const document = findDocument(draft, bot);
  if (!document) return draft;
  const reference = place && referenceTo(place, document.metadata.namespace);
  const next = editSpec(draft, bot, { [`${kind.toLowerCase()}Ref`]: reference });
  return withoutUnused(withParts(next, catalog), draft);
}

/** A Model for one Bot alone, of the kind that its Shell takes; what only people know is still empty. */
export function newModel(scope: Scope, bot: AgentDocument, shell: AgentDocument | undefined): AgentDocument {
  const takes = shell ? takenBy(shell) : [];
  const provider = PROVIDERS.find((name) => takes.includes(name)) ?? 'openai';
  const env = takes.includes('dify')
    ? { DIFY_BASE_URL: 'https://api.dify.ai/v1', DIFY_API_KEY: '' }
    : { model: provider, model_id: '', api_key: '' };
  return partFor(scope, { bot, kind: 'Model', spec: { modelConfig: { env }, isCustomConfig: true } });
}

/** A copy of a Shell for one Bot alone. */
export function ownShell(scope: Scope, bot: AgentDocument, shell: AgentDocument): AgentDocument {
  return partFor(scope, { bot, kind: 'Shell', spec: shell.spec });
}

const PROVIDERS = ['claude', 'openai', 'openai-responses', 'gemini'];

function partFor(
  { draft, catalog }: Scope,
  { bot, kind, spec }: { bot: AgentDocument; kind: 'Model' | 'Shell'; spec: AgentDocument['spec'] },
): AgentDocument {
  const { namespace } = bot.metadata;
  const name = freeName(bot.metadata.name, (candidate) => {
    const key = keyOfPlace({ kind, namespace, name: candidate });
    return catalog.objects.has(key) || findDocument(draft, key) !== undefined;
  });
  const annotations = { [DISPLAY_NAME_ANNOTATION]: titleOf(bot) };
  return { apiVersion: bot.apiVersion, kind, metadata: { name, namespace, annotations }, spec };
}
