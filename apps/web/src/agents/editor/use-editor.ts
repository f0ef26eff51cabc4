import type { ResourceObject } from '@wegent/api';
import { useCallback, useMemo, useState } from 'react';
import { type AgentDocument, keyOf } from '../draft/agent-document.ts';
import { type AgentDraft, findDocument, teamOf } from '../draft/agent-draft.ts';
import { draftFromYaml, type YamlProblem, yamlFromDraft } from '../draft/draft-yaml.ts';
import type { Problem } from '../draft/problems.ts';

/** What the editor begins with. */
export interface EditorStart {
  draft: AgentDraft;
  /** What the draft was made from, by key; empty for a new agent. */
  stored: ReadonlyMap<string, ResourceObject>;
  isNew: boolean;
}

interface YamlText {
  text: string;
  /** The draft that the text says, or the last one before it became wrong. */
  draft: AgentDraft;
  problems: readonly YamlProblem[];
}

/** The draft of the three views, what it was made from, and the YAML text while somebody writes it. */
export function useEditor(start: EditorStart) {
  const [draft, setDraft] = useState(start.draft);
  const [base, setBase] = useState(start);
  const [yaml, setYaml] = useState<YamlText>();
  const [fromServer, setFromServer] = useState<readonly Problem[]>([]);
  // The text stays as it was written until another view changes the draft.
  const current = yaml?.draft === draft ? yaml : undefined;
  const text = useMemo(() => current?.text ?? yamlFromDraft(draft), [current, draft]);
  const savedText = useMemo(() => yamlFromDraft(base.draft), [base]);
  const broken = current !== undefined && current.problems.length > 0;
  const dirty = base.isNew || broken || (draft !== base.draft && yamlFromDraft(draft) !== savedText);

  const edit = useCallback((change: (draft: AgentDraft) => AgentDraft) => {
    setDraft(change);
    setFromServer([]);
  }, []);
  const write = useCallback(
    (next: string) => {
      const read = draftFromYaml(next, teamOf(draft)?.metadata.namespace ?? '');
      const said = read.draft ?? draft;
      setDraft(said);
      setYaml({ text: next, draft: said, problems: read.problems });
      setFromServer([]);
    },
    [draft],
  );
  const restart = useCallback((next: EditorStart) => {
    setBase(next);
    setDraft(next.draft);
    setYaml(undefined);
    setFromServer([]);
  }, []);
  const team = teamOf(draft);
  return {
    draft,
    /** The Team has no place yet, so its name is free to be chosen. */
    unplaced: base.isNew && !(team && base.stored.has(keyOf(team))),
    stored: base.stored,
    isNew: base.isNew,
    dirty,
    broken,
    text,
    yamlProblems: current?.problems ?? [],
    fromServer,
    setFromServer,
    edit,
    write,
    /** Forgets the text that is being written. */
    dropText: () => setYaml(undefined),
    /** Begins anew, with what is stored or was saved. */
    restart,
    /** Keeps the draft, but compares it with what is stored now; `saved` names what of the draft is stored. */
    rebase: (stored: ReadonlyMap<string, ResourceObject>, saved: readonly string[] = []) =>
      setBase((before) => {
        const asSaved = (document: AgentDocument) =>
          saved.includes(keyOf(document)) ? (findDocument(draft, keyOf(document)) ?? document) : document;
        return { ...before, stored, draft: { documents: before.draft.documents.map(asSaved) } };
      }),
    reset: () => restart(base),
  };
}

/** The editor's state, see `useEditor`. */
export type Editor = ReturnType<typeof useEditor>;
