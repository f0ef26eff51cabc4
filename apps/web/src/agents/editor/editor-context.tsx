import type { ResourceObject } from '@wegent/api';
import { createContext, use } from 'react';
import type { AgentDraft } from '../draft/agent-draft.ts';
import type { Scope } from '../draft/catalog.ts';
import type { Problem } from '../draft/problems.ts';
import type { Spaces } from './use-spaces.ts';

/** What the parts of the editor know and do. */
export interface EditorControls {
  draft: AgentDraft;
  scope: Scope;
  /** What the draft was made from, by key. */
  stored: ReadonlyMap<string, ResourceObject>;
  isNew: boolean;
  /** Nothing can be changed. */
  readOnly: boolean;
  problems: readonly Problem[];
  spaces: Spaces;
  edit(change: (draft: AgentDraft) => AgentDraft): void;
  /** Members whose forms are open, by place. */
  open: ReadonlySet<number>;
  setOpen(index: number, open: boolean): void;
  /** Brings a member to another place, and its open form with it. */
  moveMember(from: number, to: number): void;
  removeMember(index: number): void;
}

const Context = createContext<EditorControls | undefined>(undefined);

/** Gives the parts of the editor their controls. */
export const EditorProvider = Context;

/** The controls of the editor around this part. */
export function useEditorControls(): EditorControls {
  const controls = use(Context);
  if (!controls) throw new Error('useEditorControls needs an editor above it');
  return controls;
}
