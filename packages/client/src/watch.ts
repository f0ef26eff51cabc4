import { ApiError, type ResourceObject, Status } from '@wegent/api';
import type { HttpClient, Query } from './http.ts';
import { backoff, wait } from './wait.ts';

/** A change of a collection. */
export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: ResourceObject;
}

/** What to watch and whom to tell. */
export interface WatchOptions {
  http: HttpClient;
  /** Path of the collection, as `collectionPath` makes it. */
  path: string;
  /** Selectors of the list that the watch goes on from. */
  query?: Query;
  /** `metadata.resourceVersion` of that list. */
  resourceVersion: string;
  onEvent: (event: WatchEvent) => void;
  /** Called when the server no longer has the changes since then: lists again and answers the new version. */
  onExpired: () => Promise<string>;
  signal: AbortSignal;
}

/**
 * Follows the changes of a collection until the signal aborts. Broken connections are resumed from the newest
 * version seen. Rejects when the server refuses for good (no right, no such collection).
 */
export async function watch(options: WatchOptions): Promise<void> {
  const { signal } = options;
  let version = options.resourceVersion;
  let failures = 0;
  let expired = false;
  const seen = (newer: string) => {
    version = newer;
    failures = 0;
  };
  while (!signal.aborted) {
    try {
      if (expired) version = await options.onExpired();
      expired = false;
      await follow(options, version, seen);
    } catch (error) {
      if (signal.aborted) return;
      const reason = error instanceof ApiError ? error.reason : undefined;
      if (isFinalRefusal(reason)) throw error;
      expired ||= reason === 'Expired';
    }
    // Also after a clean end: servers end long watches, a broken one would end them at once for ever.
    await wait(backoff(failures), signal).catch(() => undefined);
    failures += 1;
  }
}

function isFinalRefusal(reason: ApiError['reason'] | undefined): boolean {
  return (
    reason === 'Unauthorized' || reason === 'Forbidden' || reason === 'NotFound' || reason === 'BadRequest'
  );
}

async function follow(
  options: WatchOptions,
  version: string,
  seen: (version: string) => void,
): Promise<void> {
  const { http, path, query, onEvent, signal } = options;
  const response = await http.send('GET', path, {
    query: { ...query, watch: true, resourceVersion: version, allowWatchBookmarks: true },
    signal,
  });
  if (!response.body) return;
  for await (const line of lines(response.body)) {
    const event = JSON.parse(line) as { type: string; object: ResourceObject };
    if (event.type === 'ERROR') throw ApiError.fromStatus(Status.parse(event.object));
    if (event.type === 'ADDED' || event.type === 'MODIFIED' || event.type === 'DELETED') {
      onEvent({ type: event.type, object: event.object });
    }
    if (event.object.metadata.resourceVersion !== undefined) seen(event.object.metadata.resourceVersion);
  }
}

async function* lines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = '';
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) break;
      const parts = (rest + decoder.decode(value, { stream: true })).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) if (part.trim() !== '') yield part;
    }
  } finally {
    // Frees the connection when the consumer stops in the middle.
    await reader.cancel().catch(() => undefined);
  }
  if (rest.trim() !== '') yield rest;
}
