import { useQueryClient } from '@tanstack/react-query';
import { type ApplyResult, type ResourceObject, Status } from '@wegent/api';
import { useState } from 'react';
import { useApi } from '../../session/session-provider.tsx';
import { keyOf, keyOfPlace } from '../draft/agent-document.ts';
import { type AgentDraft, draftOfTeam, resourcesFromDraft, teamOf } from '../draft/agent-draft.ts';
import type { Catalog } from '../draft/catalog.ts';
import { changedPart, type Plan, planOf } from '../draft/plan.ts';
import { type Problem, serverProblems } from '../draft/problems.ts';
import { CATALOG_KEY, loadCatalog } from './use-catalog.ts';
import type { Editor } from './use-editor.ts';

/** What the server said about a plan or a save. */
export interface Verdict {
  problems: Problem[];
  /** Keys of objects that somebody else has changed. */
  conflicts: string[];
  /** Keys of what a save has stored although something else failed; nothing where the server was only asked. */
  saved: string[];
  /** Keys of what a save was to store and has not. */
  unsaved: string[];
}

/** How far the way from draft to stored has come. */
export type SaveState =
  | { step: 'closed' }
  | { step: 'checking'; plan: Plan }
  | { step: 'checked'; plan: Plan; verdict: Verdict }
  | { step: 'saving'; plan: Plan; verdict: Verdict }
  | { step: 'failed'; plan: Plan; error: unknown };

/** Plans, checks and saves a draft. First everything is tried by the server; only what passes as a whole is stored. */
export function useSave(editor: Editor, catalog: Catalog, onSaved: (draft: AgentDraft) => void) {
  const { resources } = useApi();
  const client = useQueryClient();
  const [state, setState] = useState<SaveState>({ step: 'closed' });

  async function send(plan: Plan, versions: ReadonlyMap<string, ResourceObject>, query: { dryRun?: 'All' }) {
    const documents = resourcesFromDraft(changedPart(plan), versions);
    const [first] = documents;
    if (!first) return NOTHING;
    const { results } = await resources.apply(first.metadata.namespace, documents, query);
    return verdictOf(plan, results, { isNew: editor.unplaced, asked: query.dryRun !== undefined });
  }

  async function review(now = catalog, stored = editor.stored): Promise<void> {
    const plan = planOf({ draft: editor.draft, catalog: now }, stored);
    setState({ step: 'checking', plan });
    try {
      const verdict = await send(plan, versionsOf(now, stored), { dryRun: 'All' });
      editor.setFromServer(verdict.problems);
      setState({ step: 'checked', plan, verdict });
    } catch (error) {
      setState({ step: 'failed', plan, error });
    }
  }

  async function save(): Promise<void> {
    if (state.step !== 'checked') return;
    const { plan } = state;
    setState({ ...state, step: 'saving' });
    try {
      const verdict = await send(plan, versionsOf(catalog, editor.stored), {});
      const fresh = await refresh();
      if (verdict.problems.length > 0 || verdict.conflicts.length > 0) {
        // What was stored is what the draft is compared with from now on; the rest is still to be saved.
        const stored = new Map(editor.stored);
        for (const key of verdict.saved) {
          const object = fresh.objects.get(key);
          if (object) stored.set(key, object);
        }
        editor.rebase(stored, verdict.saved);
        editor.setFromServer(verdict.problems);
        const rest = planOf({ draft: editor.draft, catalog: fresh }, stored);
        setState({ step: 'checked', plan: rest, verdict });
        return;
      }
      setState({ step: 'closed' });
      restart(fresh);
    } catch (error) {
      setState({ step: 'failed', plan, error });
    }
  }

  async function refresh(): Promise<Catalog> {
    const fresh = await loadCatalog(resources);
    client.setQueryData(CATALOG_KEY, fresh);
    void client.invalidateQueries({ queryKey: ['teams'] });
    void client.invalidateQueries({ queryKey: ['team-inputs'] });
    void client.invalidateQueries({ queryKey: ['models'] });
    return fresh;
  }

  /** Begins anew with what is stored of the agent now. */
  function restart(fresh: Catalog): void {
    const team = teamOf(editor.draft);
    const object = team && fresh.objects.get(keyOf(team));
    if (!object) return;
    const next = startOf(object, fresh);
    editor.restart(next);
    onSaved(next.draft);
  }

  return {
    state,
    review: () => review(),
    save,
    close: () => setState({ step: 'closed' }),
    /** Gives up the changes for what somebody else has stored. */
    async loadTheirs() {
      const fresh = await refresh();
      setState({ step: 'closed' });
      restart(fresh);
    },
    /** Compares the draft with what somebody else has stored, to be saved over it. */
    async compareWithTheirs() {
      const fresh = await refresh();
      const stored = storedOf(editor.draft, fresh);
      editor.rebase(stored);
      await review(fresh, stored);
    },
  };
}

/** The way to save, see `useSave`. */
export type Saving = ReturnType<typeof useSave>;

/** The start of an editor for a stored Team. */
export function startOf(team: ResourceObject, catalog: Catalog) {
  const draft = draftOfTeam(team, catalog);
  return { draft, stored: storedOf(draft, catalog), isNew: false };
}

/** What is stored of the documents of a draft, by key. */
export function storedOf(draft: AgentDraft, catalog: Catalog): Map<string, ResourceObject> {
  return new Map(
    draft.documents.flatMap((document) => {
      const object = catalog.objects.get(keyOf(document));
      return object ? [[keyOf(document), object] as const] : [];
    }),
  );
}

function versionsOf(
  catalog: Catalog,
  stored: ReadonlyMap<string, ResourceObject>,
): ReadonlyMap<string, ResourceObject> {
  return new Map([...catalog.objects, ...stored]);
}

const NOTHING: Verdict = { problems: [], conflicts: [], saved: [], unsaved: [] };

function verdictOf(
  plan: Plan,
  results: readonly ApplyResult[],
  { isNew, asked }: { isNew: boolean; asked: boolean },
): Verdict {
  const verdict: Verdict = { problems: [], conflicts: [], saved: [], unsaved: [] };
  for (const result of results) {
    const key = keyOfPlace(result);
    const step = plan.steps.find((candidate) => candidate.key === key);
    if (result.operation !== 'failed') {
      if (!asked) verdict.saved.push(key);
      // Somebody else may have taken the name since the page was opened.
      if (asked && isNew && step?.document.kind === 'Team' && result.operation !== 'created') {
        const values = { name: result.name };
        verdict.problems.push({ severity: 'error', key, field: 'metadata.name', code: 'nameTaken', values });
      }
      continue;
    }
    if (!asked) verdict.unsaved.push(key);
    const status = Status.safeParse(result.error);
    if (status.success && status.data.reason === 'Conflict') verdict.conflicts.push(key);
    else if (status.success) verdict.problems.push(...serverProblems(key, status.data));
    else {
      verdict.problems.push({ severity: 'error', key, field: '', code: 'text', values: { text: key } });
    }
  }
  return verdict;
}
