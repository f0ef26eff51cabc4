import { type ChatSocket, type ConnectionState, createChatSocket } from '@wegent/client';
import { createContext, type ReactNode, use, useEffect, useState, useSyncExternalStore } from 'react';
import { useApi } from './session-provider.tsx';

const Context = createContext<ChatSocket | undefined>(undefined);

/** Keeps one connection to the chat for as long as the person is signed in. */
export function SocketProvider({ children }: { children: ReactNode }) {
  const { http } = useApi();
  const [socket, setSocket] = useState<ChatSocket>();
  useEffect(() => {
    const created = createChatSocket({
      url: '',
      getToken: ({ renew }) => (renew ? http.renew() : http.token()),
    });
    setSocket(created);
    return () => created.close();
  }, [http]);
  return socket && <Context value={socket}>{children}</Context>;
}

/** The connection to the chat. */
export function useChatSocket(): ChatSocket {
  const socket = use(Context);
  if (!socket) throw new Error('useChatSocket needs a SignedIn above it');
  return socket;
}

/** Is the connection up? Follows changes. */
export function useConnection(): ConnectionState {
  const socket = useChatSocket();
  return useSyncExternalStore(socket.onState, socket.state, socket.state);
}
