import type { ExecutionEvent } from '@wegent/api';
import type { Engine, Turn } from '../engine.ts';
import { type InputDesk, openInputDesk } from '../input-desk.ts';
import { createOutbound, type Outbound } from '../outbound.ts';
import { RunFailure } from '../run-failure.ts';
import { type DifyApp, describeApp } from './dify-app.ts';
import { createDifyClient, type DifyClient } from './dify-client.ts';
import type { DifyEvent } from './dify-event.ts';
import { DifyFault, DifyStreamBroken } from './dify-fault.ts';
import { type DifySettings, difySettings, requireModel } from './dify-settings.ts';
import { difyFailure } from './failures.ts';
import { askForm } from './human-input.ts';
import { createEventMapper, type EventMapper } from './map-events.ts';
import { openRun, PATHS } from './open-run.ts';
import { recoverRun } from './recover-run.ts';
import { repeatRefused } from './repeat-refused.ts';
import { fromCursor, isFindable, type RunPlace, toCursor } from './run-ids.ts';
import { type StopWatch, watchForStop } from './stop-run.ts';

/** Settings of the Dify engine; the times are for tests. */
export interface DifyEngineOptions {
  /** Pauses before a call that was refused is repeated, in milliseconds; as many as there are retries. */
  retryDelaysMs?: readonly number[];
  /** Milliseconds without a byte after which a stream counts as dead: servers ping every ten seconds. */
  quietMs?: number;
  /** Milliseconds to wait for the other end of a chatflow when one was seen. */
  lastEventMs?: number;
  /** Milliseconds between two questions after a run whose stream broke. */
  pollMs?: number;
  /** Milliseconds after which a run that the server says nothing of is given up. */
  recoverMs?: number;
  /** Shared with others to share connections. */
  outbound?: Outbound;
}

const RETRY_DELAYS_MS = [1_000, 3_000];
const QUIET_MS = 60_000;
const LAST_EVENT_MS = 5_000;
const POLL_MS = 2_000;
const RECOVER_MS = 60_000;

/**
 * Applications of a Dify server, inside the manager. It keeps nothing: the conversation comes with the spec and goes
 * with `session` events, and a run whose attempt was lost is found again at the server.
 */
export function createDifyEngine(options: DifyEngineOptions = {}): Engine {
  const outbound = options.outbound ?? createOutbound();
  return {
    shellType: 'Dify',
    placement: 'host',
    run: (turn) => runDify(turn, outbound, options),
    canResume: async (_spec, cursor) => isFindable(fromCursor(cursor)?.ids ?? {}),
  };
}

async function runDify(turn: Turn, outbound: Outbound, options: DifyEngineOptions): Promise<void> {
  const { spec, signal } = turn;
  const settings = difySettings(requireModel(spec));
  const user = `task-${spec.taskId}`;
  const client = createDifyClient({
    settings,
    user,
    fetch: outbound.fetchFor(spec.outboundAllow),
    traceId: spec.executionId,
    onBytes: turn.touch,
    quietMs: options.quietMs ?? QUIET_MS,
  });
  const delaysMs = options.retryDelaysMs ?? RETRY_DELAYS_MS;
  if (spec.team)
    turn.emit({
      type: 'warning',
      code: 'CannotDelegate',
      message:
        'A Dify application cannot give work to the members of a Team, so it answers by itself. Choose another leader or another way of working together.',
    });
  try {
    const app = await repeatRefused({ turn, delaysMs }, () => describeApp(client, signal));
    await runApp({ turn, app, settings, client, user, delaysMs, options });
    signal.throwIfAborted();
  } catch (cause) {
    signal.throwIfAborted();
    throw difyFailure(cause, settings.endpoint);
  }
}

async function runApp(given: {
  turn: Turn;
  app: DifyApp;
  settings: DifySettings;
  client: DifyClient;
  user: string;
  delaysMs: readonly number[];
  options: DifyEngineOptions;
}): Promise<void> {
  const { turn, app, settings, client, user, options } = given;
  const resumed = turn.resumeFrom === undefined ? undefined : fromCursor(turn.resumeFrom);
  let mapper: EventMapper | undefined;
  let mode = app.mode ?? 'chat';
  const watch = watchForStop({
    signal: turn.signal,
    client,
    stopPath: (taskId) => PATHS[mode].stop(taskId),
    place: () => mapper?.place,
    canBeFound: () => mapper?.canBeFound ?? false,
  });
  let hasEnded = false;
  try {
    const opened = resumed ? undefined : await openRun({ ...given, connection: watch.connection });
    mode = opened?.mode ?? mode;
    const emit = emitWithPlace(turn, () => mapper?.place);
    mapper = createEventMapper({
      mode,
      baseUrl: settings.baseUrl,
      pricing: settings.endpoint.pricing,
      emit,
      resumed,
    });
    const isWhole =
      opened !== undefined &&
      (await followRun({
        first: opened.stream,
        mapper,
        watch,
        turn,
        client,
        user,
        appName: app.name || settings.endpoint.name,
        lastEventMs: options.lastEventMs ?? LAST_EVENT_MS,
      }));
    if (isWhole) mapper.end();
    else
      await recoverRun({
        mode,
        mapper,
        client,
        user,
        turn,
        pollMs: options.pollMs ?? POLL_MS,
        waitMs: options.recoverMs ?? RECOVER_MS,
      });
    hasEnded = true;
  } catch (cause) {
    mapper?.breakOff();
    // What the server itself ended need not be stopped.
    hasEnded = cause instanceof DifyFault;
    if (cause instanceof DifyFault && cause.code === 'workflow_stopped') throw stoppedThere(app.name);
    throw cause;
  } finally {
    await watch.close(hasEnded);
  }
}

/** Reads to the end, through the forms that people fill in. False when the connection broke and the run can be found. */
async function followRun(given: {
  first: AsyncGenerator<DifyEvent>;
  mapper: EventMapper;
  watch: StopWatch;
  turn: Turn;
  client: DifyClient;
  user: string;
  appName: string;
  lastEventMs: number;
}): Promise<boolean> {
  const { mapper, watch, turn, client } = given;
  const desk = lazyDesk(turn);
  let stream = given.first;
  for (;;) {
    const state = await readToState({ ...given, stream });
    if (state === 'whole') return true;
    if (state === 'broken') return false;
    await answerForms({ ...given, desk });
    const query = new URLSearchParams({ user: given.user, continue_on_pause: 'true' });
    const path = `/workflow/${mapper.place.ids.workflowRunId}/events?${query}`;
    stream = await client.stream({ path }, watch.connection);
  }
}

async function answerForms(given: {
  mapper: EventMapper;
  desk: () => InputDesk;
  client: DifyClient;
  turn: Turn;
  appName: string;
}): Promise<void> {
  const forms = given.mapper.takeForms();
  if (forms.length === 0)
    throw new RunFailure({
      reason: 'ModelBadRequest',
      message: `The workflow “${given.appName}” waits for something that cannot be answered here. Answer it in Dify, or change the step.`,
      retryable: false,
    });
  for (const form of forms) {
    const answer = await askForm(form, { desk: given.desk(), appName: given.appName });
    try {
      await given.client.post(`/form/human_input/${form.token}`, answer, given.turn.signal);
    } catch (cause) {
      // Somebody answered in Dify in the meantime, or the time is over: the workflow goes on by itself.
      if (!(cause instanceof DifyFault && cause.status === 412)) throw cause;
      const message = `The form “${form.title}” was answered elsewhere or has expired, so the answer did not count.`;
      given.turn.emit({ type: 'warning', code: 'FormClosed', message });
    }
  }
}

async function readToState(given: {
  stream: AsyncGenerator<DifyEvent>;
  mapper: EventMapper;
  watch: StopWatch;
  turn: Turn;
  lastEventMs: number;
}): Promise<'whole' | 'paused' | 'broken'> {
  const { stream, mapper, watch, turn } = given;
  let isLate = false;
  let timer: NodeJS.Timeout | undefined;
  const late = Promise.withResolvers<'late'>();
  try {
    for (;;) {
      const next = await Promise.race([stream.next(), late.promise]);
      if (next === 'late' || next.done) break;
      const state = mapper.take(next.value);
      watch.noteNames();
      if (state !== 'more') return state;
      if (mapper.isNearlyWhole && !isLate) {
        isLate = true;
        timer = setTimeout(() => late.resolve('late'), given.lastEventMs);
      }
      await turn.ready();
    }
  } catch (cause) {
    turn.signal.throwIfAborted();
    if (cause instanceof DifyFault || cause instanceof RunFailure) throw cause;
    if (!mapper.isNearlyWhole && !mapper.canBeFound) throw cause;
  } finally {
    clearTimeout(timer);
    // Not awaited: a generator that waits for bytes ends with its connection.
    void stream.return(undefined).catch(() => undefined);
  }
  turn.signal.throwIfAborted();
  if (mapper.isNearlyWhole) return 'whole';
  if (!mapper.canBeFound) throw new DifyStreamBroken('the stream ended before the answer was complete');
  return 'broken';
}

/** Events carry the place of the run when it has changed, so that another attempt can go on from there. */
function emitWithPlace(turn: Turn, place: () => RunPlace | undefined): (event: ExecutionEvent) => void {
  let last: string | undefined;
  return (event) => {
    const now = place();
    const cursor = now && isFindable(now.ids) ? toCursor(now) : undefined;
    if (cursor === undefined || cursor === last) {
      turn.emit(event);
      return;
    }
    last = cursor;
    turn.emit(event, cursor);
  };
}

/** The desk takes the turn's one listener, and most runs ask nobody. */
function lazyDesk(turn: Turn): () => InputDesk {
  let desk: InputDesk | undefined;
  return () => {
    desk ??= openInputDesk(turn);
    return desk;
  };
}

function stoppedThere(appName: string): RunFailure {
  return new RunFailure({
    reason: 'Timeout',
    message: `The Dify server stopped the run of “${appName}”: somebody did it there, or it took longer than WORKFLOW_MAX_EXECUTION_TIME allows. Ask for less at once, or raise that limit in Dify.`,
    retryable: false,
  });
}
