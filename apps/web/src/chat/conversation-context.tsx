import type { TaskMessage, TaskSession } from '@wegent/client';
import { createContext, type ReactNode, use } from 'react';

/** What a page adds to a conversation, as the page of coding tasks does. */
export interface ConversationExtras {
  /** Logs have a place of their own, so answers leave them out. */
  hideLogs: boolean;
  /** A message can go into the turn that runs. */
  canSteer: boolean;
  /** Stands under what an answer says and did. */
  turnEnd(message: TaskMessage): ReactNode;
  /** Goes along with the next message. */
  enclosure: { chip: ReactNode; count: number; compose(text: string): string; clear(): void };
}

/** What the turns of a conversation need to know and to do. */
export interface ConversationControls {
  session: TaskSession;
  /** Is an answer being written? What cannot work meanwhile is hidden. */
  busy: boolean;
  /** Do several people take part? */
  isGroup: boolean;
  userId: string;
  agent: { name: string; icon: string | undefined };
  /** A new conversation with the same agent. */
  newChatHref: string;
  /** Does something with the server; a failure is reported where the person looks. */
  attempt(work: () => Promise<unknown>): void;
  extras?: ConversationExtras;
}

const Context = createContext<ConversationControls | undefined>(undefined);

/** Gives the turns their controls. */
export const ConversationProvider = Context;

/** The controls of the conversation around this part. */
export function useConversation(): ConversationControls {
  const controls = use(Context);
  if (!controls) throw new Error('useConversation needs a Conversation above it');
  return controls;
}
