import { ApiError, type ResourceObject } from '@wegent/api';
import type { Bus } from '@wegent/bus';
import { createWatchFrames, decideVersion, matchLabels, selectChange, type WatchFrames } from '@wegent/kube';
import type { Change, Store } from '@wegent/store';
import type { FastifyBaseLogger } from 'fastify';
import type { Access } from '../access/access.ts';
import type { Signals } from '../auth/signals.ts';
import { createChangeFeed } from './change-feed.ts';
import { createResourceReader, parseSelectors, type Selection, selects } from './resource-reader.ts';
import type { SecretBox } from './secret-box.ts';
import { typeOf } from './served-types.ts';
import type { TaskResources } from './task-resources.ts';
import { viewOf } from './views.ts';
import { toWire } from './wire.ts';

const BOOKMARK_MS = 60_000;
const RECHECK_MS = 10_000;
const DEFAULT_SECONDS = 1_800;
const MAX_SECONDS = 3_600;

/** A watch as it is asked for. */
export interface WatchQuery extends Selection {
  /** Changes after this version; without one, or with `0`, the watch begins with what exists. */
  resourceVersion?: string | undefined;
  sendInitialEvents?: boolean | undefined;
  allowWatchBookmarks: boolean;
  timeoutSeconds?: number | undefined;
  /** Writes the lines, in the form that the client asked for; as objects when absent. */
  frames?: WatchFrames | undefined;
}

/** Where a watch writes. */
export interface WatchSink {
  /** Resolves when there is room for more; rejects when the reader is gone or too slow. */
  write(lines: string): Promise<void>;
}

/** A watch that was allowed and may begin. */
export interface WatchSession {
  /** Writes until the watch ends; never rejects. */
  run(sink: WatchSink): Promise<void>;
  /** Ends it from outside. */
  end(): void;
}

type ObjectEvent = Parameters<WatchFrames['event']>[0];

/** Streams changes to clients, see `createWatchService`. */
export type WatchService = ReturnType<typeof createWatchService>;

/**
 * Watches of all kinds. A watch sees every change of its selection once, in the order of versions, and ends when
 * its time is over, when the token or the right of its principal ends, and when its reader falls too far behind.
 */
export function createWatchService({
  store,
  bus,
  access,
  secrets,
  taskResources,
  signals,
  logger,
  now = Date.now,
}: {
  store: Store;
  bus: Bus;
  access: Access;
  secrets: SecretBox;
  taskResources: TaskResources;
  signals: Signals;
  logger: Pick<FastifyBaseLogger, 'error' | 'warn'>;
  now?: () => number;
}) {
  const reader = createResourceReader({ store, access, secrets, taskResources });
  const feed = createChangeFeed({ store, bus, present: reader.present, logger });
  const sessions = new Set<{ principal: Selection['principal']; end: () => void; recheck: () => void }>();
  signals.on((signal) => {
    for (const session of sessions) {
      const { userId, sessionId } = session.principal;
      if (signal.type === 'session-ended' ? signal.sessionId !== sessionId : signal.userId !== userId)
        continue;
      if (signal.type === 'memberships-changed' || signal.type === 'user-changed') session.recheck();
      else session.end();
    }
  });

  /** Checks the request and the rights. Throws as a list would. */
  async function open(query: WatchQuery): Promise<WatchSession> {
    const { principal, definition } = query;
    const { labels, fields } = parseSelectors(query);
    let namespaces = new Set(await reader.namespacesOf(query, 'watch'));
    let checkedAt = now();
    // Namespaces that were seen, by name: their end takes away the role that let them be seen.
    const known = new Set(definition.kind === 'Namespace' ? await access.readableNamespaces(principal) : []);
    const start = await startOf(query);
    const deadline = now() + Math.min(query.timeoutSeconds || DEFAULT_SECONDS, MAX_SECONDS) * 1000;
    let ended = false;
    let wake = () => {};

    const { source, show } = viewOf(definition);
    const frames = framesOf(query);
    const selected = (object: ResourceObject) =>
      object.kind === source.kind &&
      namespaces.has(object.metadata.namespace) &&
      (show !== undefined || matchLabels(labels, object.metadata.labels)) &&
      selects({ definition, labels, fields }, object);

    const session = {
      principal,
      end: () => {
        ended = true;
        wake();
      },
      recheck: () => {
        checkedAt = 0;
        wake();
      },
    };

    async function stillAllowed(): Promise<boolean> {
      if (ended || (principal.expiresAt !== undefined && now() >= principal.expiresAt)) return false;
      if (now() - checkedAt < RECHECK_MS) return true;
      checkedAt = now();
      try {
        namespaces = new Set(await reader.namespacesOf(query, 'watch'));
        return true;
      } catch (error) {
        if (error instanceof ApiError && (error.reason === 'Forbidden' || error.reason === 'NotFound'))
          return false;
        throw error;
      }
    }

    async function follow(sink: WatchSink): Promise<void> {
      let cursor = await begin({ ...query, frames }, start, sink);
      let bookmarkAt = now() + BOOKMARK_MS;
      while (await stillAllowed()) {
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const page = await feed.read(cursor);
        const lines = (await eventsOf(page.changes)).map(frames.event).join('');
        if (lines !== '') await sink.write(lines);
        const advanced = page.upTo > cursor;
        cursor = page.upTo;
        if (advanced) continue;
        const due = query.allowWatchBookmarks && (now() >= bookmarkAt || now() >= deadline);
        if (due) await sink.write(frames.bookmark(cursor));
        if (now() >= deadline) return;
        if (due) bookmarkAt = now() + BOOKMARK_MS;
        await Promise.race([
          woken,
          delay(Math.min(deadline - now(), RECHECK_MS), (cancel) => void woken.then(cancel)),
        ]);
      }
    }

    async function eventsOf(changes: readonly Change[]): Promise<ObjectEvent[]> {
      const seen = await visibleChanges(changes.filter(({ kind }) => kind === source.kind));
      const events = seen
        .map((change) => selectChange(change, selected))
        .filter((event) => event !== undefined);
      return Promise.all(
        events.map(async (event) => {
          // Changes tell of objects; bookmarks and errors are made elsewhere.
          const object = await reader.personal(principal, event.object as ResourceObject);
          return { type: event.type as ObjectEvent['type'], object: show?.(object) ?? object };
        }),
      );
    }

    async function visibleChanges(changes: readonly Change[]): Promise<Change[]> {
      const objects = changes.map(({ object }) => object);
      const visible = new Set(await reader.visibleOf({ principal, definition }, objects));
      return changes.filter((change) => (visible.has(change.object) ? noteName(change) : endsKnown(change)));
    }

    // A Namespace that is gone is nobody's to read any more; those who could are told that it went.
    function endsKnown({ object, type }: Change): boolean {
      return object.kind === 'Namespace' && type === 'DELETED' && known.delete(object.metadata.name);
    }

    function noteName({ object }: Change): boolean {
      if (object.kind === 'Namespace') known.add(object.metadata.name);
      return true;
    }

    async function run(sink: WatchSink): Promise<void> {
      sessions.add(session);
      let stop = () => {};
      try {
        stop = await feed.listen(() => wake());
        await follow(sink);
      } catch (error) {
        await reportTo(sink, framesOf(query), error);
      } finally {
        stop();
        sessions.delete(session);
      }
    }

    return { run, end: session.end };
  }

  /** Writes what exists, where the watch begins with it, and answers the version that changes are read after. */
  async function begin(query: WatchQuery, start: number | undefined, sink: WatchSink): Promise<number> {
    if (start !== undefined) return start;
    const frames = framesOf(query);
    let version: string | undefined;
    let token: string | undefined;
    do {
      const page = await reader.list({ ...query, continue: token });
      version ??= page.metadata.resourceVersion;
      token = page.metadata.continue;
      const lines = page.items.map((object) => frames.event({ type: 'ADDED', object })).join('');
      if (lines !== '') await sink.write(lines);
    } while (token !== undefined);
    const cursor = Number(version);
    if (query.sendInitialEvents) await sink.write(frames.bookmark(cursor, true));
    return cursor;
  }

  /** The version to read after; undefined when the watch begins with what exists. */
  async function startOf({
    resourceVersion = '',
    sendInitialEvents,
  }: WatchQuery): Promise<number | undefined> {
    // The feed knows how far back it reaches, and says so when it is read.
    const state = { current: await store.changes.current(), floor: 0 };
    const decision = decideVersion({ resourceVersion, watch: true, sendInitialEvents }, state);
    return decision.start === 'after' ? decision.version : undefined;
  }

  async function reportTo(sink: WatchSink, frames: WatchFrames, error: unknown): Promise<void> {
    const known =
      error instanceof ApiError
        ? error
        : new ApiError('InternalError', 'the watch failed; start it again', { cause: error });
    if (!(error instanceof ApiError) && !(error instanceof ReaderGone))
      logger.error({ err: error }, 'a watch failed');
    // The reader may be what failed; then nobody is left to tell.
    await sink.write(frames.error(known.toStatus())).catch(() => {});
  }

  return {
    open,

    /** Begins to hear of the writes of other processes. */
    start: feed.start,

    /** Tells the watchers of all processes that something was committed. */
    wake: feed.notify,

    /** Ends all watches, so that a server can stop. */
    async close(): Promise<void> {
      for (const session of sessions) session.end();
      await feed.close();
    },
  };
}

function framesOf({ definition, frames }: WatchQuery): WatchFrames {
  return (
    frames ??
    createWatchFrames({
      type: typeOf(definition),
      negotiated: { form: 'Object', metaVersion: 'v1' },
      includeObject: 'Metadata',
      present: (object) => toWire(definition, object),
    })
  );
}

/** The reader of a watch has gone, or does not read fast enough. */
export class ReaderGone extends Error {}

function delay(milliseconds: number, onCancel: (cancel: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.max(0, milliseconds));
    onCancel(() => clearTimeout(timer));
  });
}
