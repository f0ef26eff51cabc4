import { type DragEvent, useState } from 'react';
import { membersOf } from '../draft/agent-draft.ts';
import { useEditorControls } from './editor-context.tsx';

/** What a member's handle and line have to know so that it can be dragged to another place. */
export interface MemberDrag {
  /** It is the one that is dragged. */
  dragged: boolean;
  /** Where the dragged one would go, seen from this one. */
  drop: 'before' | 'after' | undefined;
  handle: { draggable: boolean; onDragStart(event: DragEvent): void; onDragEnd(): void };
  line: { onDragOver(event: DragEvent): void; onDrop(event: DragEvent): void };
}

/** Kept to the editor: whatever else is dragged over the page is none of its business. */
const TYPE = 'application/x-wegent-member';

/** Brings members to other places by drag and drop; `dragOf` gives each line its part in it. */
export function useMemberOrder(): { dragOf: (index: number) => MemberDrag } {
  const { draft, readOnly, moveMember } = useEditorControls();
  const [from, setFrom] = useState<number>();
  const [over, setOver] = useState<number>();
  const count = membersOf(draft).length;
  const end = () => {
    setFrom(undefined);
    setOver(undefined);
  };
  const dragOf = (index: number): MemberDrag => ({
    dragged: from === index,
    drop:
      from === undefined || over !== index || from === index ? undefined : from < index ? 'after' : 'before',
    handle: {
      draggable: !readOnly && count > 1,
      onDragStart(event) {
        event.dataTransfer.setData(TYPE, String(index));
        event.dataTransfer.effectAllowed = 'move';
        const card = event.currentTarget.closest('li');
        if (card) event.dataTransfer.setDragImage(card, 16, 16);
        setFrom(index);
      },
      onDragEnd: end,
    },
    line: {
      onDragOver(event) {
        if (from === undefined) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'move';
        setOver(index);
      },
      onDrop(event) {
        if (from === undefined) return;
        event.preventDefault();
        if (from !== index) moveMember(from, index);
        end();
      },
    },
  });
  return { dragOf };
}
