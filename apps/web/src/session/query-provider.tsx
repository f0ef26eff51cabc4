import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { ApiError } from '@wegent/api';
import { type ReactNode, useEffect, useState } from 'react';
import { useSession } from './session-provider.tsx';

const MAX_RETRIES = 2;

/** Holds what the server said; forgets it all when the person changes. */
export function QueryProvider({ children }: { children: ReactNode }) {
  const [client] = useState(createQueryClient);
  const { state } = useSession();
  const userId = state.status === 'signed-in' ? state.user.id : undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the cache belongs to the person who filled it.
  useEffect(() => () => client.clear(), [client, userId]);
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>;
}

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        // A refusal stays a refusal; only an unreachable or failing server is asked again.
        retry: (count, error) => count < MAX_RETRIES && !(error instanceof ApiError && error.code < 500),
      },
      mutations: { retry: false },
    },
  });
}
