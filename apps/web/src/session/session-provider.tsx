import type { User } from '@wegent/api';
import type { ApiClient } from '@wegent/client';
import { createContext, type ReactNode, use, useEffect, useState, useSyncExternalStore } from 'react';
import { createSessionKeeper, type SessionKeeper } from './session-keeper.ts';

const Context = createContext<SessionKeeper | undefined>(undefined);

/** Keeps one session for the whole page and continues the one of the cookie. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const [keeper] = useState(createSessionKeeper);
  useEffect(() => void keeper.resume(), [keeper]);
  return <Context value={keeper}>{children}</Context>;
}

/** The session, and the ways to begin, change and end it. */
export function useSession() {
  const keeper = useKeeper();
  const state = useSyncExternalStore(keeper.subscribe, keeper.state, keeper.state);
  return {
    state,
    begin: keeper.begin,
    update: keeper.update,
    signOut: keeper.signOut,
    resume: keeper.resume,
  };
}

/** The person who is signed in; for parts inside `SignedIn`. */
export function useUser(): User {
  const { state } = useSession();
  if (state.status !== 'signed-in') throw new Error('useUser needs a SignedIn above it');
  return state.user;
}

/** Every call of the server, made as the person who is signed in. */
export function useApi(): ApiClient {
  return useKeeper().api;
}

function useKeeper(): SessionKeeper {
  const keeper = use(Context);
  if (!keeper) throw new Error('the session needs a SessionProvider above it');
  return keeper;
}
