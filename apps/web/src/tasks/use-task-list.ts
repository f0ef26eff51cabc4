import { type InfiniteData, keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import type { TaskPage } from '@wegent/client';
import { useEffect } from 'react';
import { useApi } from '../session/session-provider.tsx';
import { useChatSocket } from '../session/socket-provider.tsx';
import { applyToPages } from './task-pages.ts';

type Pages = InfiniteData<TaskPage, string | undefined>;

const KEY = ['tasks', 'list'] as const;
const PAGE = 50;

/** The person's conversations, newest activity first; a search looks through their titles. */
export function useTaskList(search = '') {
  const { tasks } = useApi();
  return useInfiniteQuery({
    queryKey: [...KEY, search],
    queryFn: ({ pageParam, signal }) =>
      tasks.list({
        limit: PAGE,
        signal,
        ...(pageParam === undefined ? {} : { continue: pageParam }),
        ...(search === '' ? {} : { search }),
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.metadata.continue,
    select: (data) => data.pages.flatMap(({ items }) => items),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnMount: 'always',
  });
}

/** Keeps the loaded list in step with the server's events; once in the page, beside the list. */
export function useTaskSignals(): void {
  const socket = useChatSocket();
  const client = useQueryClient();
  useEffect(() => {
    let wasOffline = false;
    const stops = [
      socket.onSignal((signal) => {
        client.setQueryData<Pages>([...KEY, ''], (data) => {
          const pages = data && applyToPages(data.pages, signal);
          return !pages || pages === data.pages ? data : { ...data, pages: [...pages] };
        });
        if (signal.name === 'task:deleted' || signal.name === 'task:updated') refreshSearches();
      }),
      socket.onState(({ status }) => {
        // What happened while the connection was gone is only in the list itself.
        if (status === 'online' && wasOffline) void client.invalidateQueries({ queryKey: KEY });
        wasOffline = status !== 'online';
      }),
    ];
    function refreshSearches(): void {
      void client.invalidateQueries({ queryKey: KEY, predicate: ({ queryKey }) => queryKey[2] !== '' });
    }
    return () => {
      for (const stop of stops) stop();
    };
  }, [socket, client]);
}
