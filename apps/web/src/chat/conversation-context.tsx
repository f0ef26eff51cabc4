import type { TaskSession } from '@wegent/client';
import { createContext, use } from 'react';

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
