import type { ExecutionEvent } from '@wegent/api';

/** Tools that hold others; what works is in them. */
const HOLDERS = new Set(['Agent', 'Task']);
/** The tool of leaders, as engines name it. */
const DELEGATE = /^(mcp__team__)?delegate$/;
/** Stands for what an attempt before asked: its id is not known here. */
const BEFORE = 'before';

/**
 * Knows from the events of a run whether anything of it works, or all of it waits: for the decision of a person, or for
 * members of its Team. A tool that waits for its approval does not work; another that runs beside it does. Pure state.
 */
export function createWaits({ waiting = false }: { waiting?: boolean } = {}) {
  const people = new Set<string>(waiting ? [BEFORE] : []);
  const members = new Set<string>();
  const tools = new Set<string>();

  function decided(id: string): void {
    if (!people.delete(id)) people.delete(BEFORE);
  }

  return {
    /** Nothing works; `members`: it waits for them, and somebody else may have its work tree meanwhile. */
    state(): 'works' | 'waits' | 'waits-for-members' {
      if (people.size + members.size === 0 || tools.size > people.size) return 'works';
      return members.size > 0 ? 'waits-for-members' : 'waits';
    },

    note(event: ExecutionEvent): void {
      switch (event.type) {
        case 'tool-call':
          if (!HOLDERS.has(event.tool) && !DELEGATE.test(event.tool)) tools.add(event.blockId);
          return;
        case 'tool-output':
          tools.delete(event.blockId);
          return;
        case 'approval-request':
          people.add(event.approvalId);
          return;
        case 'question':
          people.add(event.questionId);
          return;
        case 'approval-decided':
          decided(event.approvalId);
          return;
        case 'question-answered':
          decided(event.questionId);
          return;
        default:
          return;
      }
    },

    /** It asks for the end of a member's work. */
    awaits(executionId: string): void {
      members.add(executionId);
    },

    /** What it waits for is there, and it will be told. */
    over(id: string): void {
      if (!members.delete(id)) decided(id);
    },
  };
}
