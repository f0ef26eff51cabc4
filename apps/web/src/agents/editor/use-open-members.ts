import { useCallback, useState } from 'react';
import { type AgentDraft, membersOf } from '../draft/agent-draft.ts';
import { moveMember, removeMember } from '../draft/edit-members.ts';
import { openAfterMove, openAfterRemoval } from './open-members.ts';

/** Which members' forms are open, and the changes of their order, with which the open forms go along. */
export function useOpenMembers(start: AgentDraft, edit: (change: (draft: AgentDraft) => AgentDraft) => void) {
  const [open, setOpenSet] = useState<ReadonlySet<number>>(
    () => new Set(membersOf(start).length === 1 ? [0] : []),
  );
  const setOpen = useCallback((index: number, isOpen: boolean) => {
    setOpenSet((before) => {
      const next = new Set(before);
      if (isOpen) next.add(index);
      else next.delete(index);
      return next;
    });
  }, []);
  const move = useCallback(
    (from: number, to: number) => {
      edit((before) => moveMember(before, from, to));
      setOpenSet((before) => openAfterMove(before, from, to));
    },
    [edit],
  );
  const remove = useCallback(
    (index: number) => {
      edit((before) => removeMember(before, index));
      setOpenSet((before) => openAfterRemoval(before, index));
    },
    [edit],
  );
  return { open, setOpen, moveMember: move, removeMember: remove };
}
