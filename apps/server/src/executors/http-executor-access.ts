import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ApiError, type ExecutorAccess, type ExecutorRequest, type SandboxContext } from '@wegent/api';
import type { ManagerRow, Store } from '@wegent/store';
import { runsInSandbox } from '../executions/sandbox-shells.ts';
import type { ManagerRegistry } from './manager-registry.ts';

/** The way to sandboxes where managers are processes of their own: HTTP, with the secret that managers share. */
export function createHttpExecutorAccess({
  managers,
  store,
  internalSecret,
}: {
  managers: Pick<ManagerRegistry, 'live'>;
  store: Store;
  internalSecret: string;
}): ExecutorAccess {
  /** The manager that is asked, which has the task from now on, and the one that had it. */
  async function find(taskId: string): Promise<{ url: string; last: string | undefined }> {
    const last = (await store.tasks.get(taskId))?.executor ?? undefined;
    const held = (await store.executions.activeOfTask(taskId)).some(
      ({ shellType, managerId }) => managerId === last && runsInSandbox(shellType),
    );
    const chosen = chooseManager(await managers.live(), taskId, {
      last,
      isAtWork: last !== undefined && held,
    });
    if (chosen.id !== last) await store.tasks.update(taskId, { executor: chosen.id });
    return { url: chosen.url, last };
  }

  return {
    async call(given: SandboxContext, request: ExecutorRequest) {
      const { url, last } = await find(given.taskId);
      const context: SandboxContext = last === undefined ? given : { ...given, lastManagerId: last };
      const response = await send(new URL('/internal/v1/executor', url), request, {
        authorization: `Bearer ${internalSecret}`,
        'x-wegent-context': Buffer.from(JSON.stringify(context)).toString('base64url'),
        'x-wegent-method': request.method,
        'x-wegent-path': request.path,
        ...(request.contentType === undefined ? {} : { 'content-type': request.contentType }),
      });
      return {
        status: response.statusCode ?? 502,
        contentType: response.headers['content-type'],
        body: readBody(response),
      };
    },
  };
}

/**
 * The manager that is asked for the sandbox of a task: the one that had it last, or else one that has a sandbox or a
 * folder of it, or the one with most room. While a run works in the sandbox it is the one that has the run, or nobody.
 * Pure; ServiceUnavailable, saying why, when there is none.
 */
export function chooseManager(
  live: readonly ManagerRow[],
  taskId: string,
  { last, isAtWork = false }: { last?: string | undefined; isAtWork?: boolean } = {},
): { id: string; url: string } {
  const reachable = live.flatMap(({ id, report }) =>
    report.url === undefined || report.problem !== undefined ? [] : [{ id, url: report.url, report }],
  );
  const having = reachable.filter(({ report }) =>
    report.sandboxes.some((sandbox) => sandbox.taskId === taskId),
  );
  const free = reachable
    .filter(({ report }) => !report.draining)
    .sort((left, right) => room(right.report) - room(left.report));
  const own = [...having, ...free].find(({ id }) => id === last);
  if (isAtWork && !own)
    throw new ApiError(
      'ServiceUnavailable',
      'The manager that works on this task does not answer at the moment. Try again soon.',
    );
  // What others have is older, and they know it.
  const chosen = own ?? having[0] ?? free.find(({ report }) => report.taskIds.includes(taskId)) ?? free[0];
  if (chosen) return { id: chosen.id, url: chosen.url };
  const problem = live.map(({ report }) => report.problem).find((text) => text !== undefined);
  throw new ApiError(
    'ServiceUnavailable',
    problem === undefined
      ? 'No manager is there that can start a sandbox. Start one, or wait until it is back.'
      : `No sandbox can be started: ${problem}`,
  );
}

function room({ slots }: ManagerRow['report']): number {
  return slots.total - slots.used;
}

// Not `fetch`: a terminal that says nothing for long, or a clone that takes its time, must not be cut off.
function send(
  url: URL,
  { body }: ExecutorRequest,
  headers: Record<string, string>,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const start = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = start(url, { method: 'POST', headers });
    outgoing.once('response', resolve);
    outgoing.once('error', (cause) =>
      reject(new ApiError('ServiceUnavailable', 'the manager of the sandbox cannot be reached', { cause })),
    );
    if (body === undefined || body instanceof Uint8Array) {
      outgoing.end(body);
      return;
    }
    pipeline(Readable.from(body), outgoing).catch((cause: unknown) =>
      outgoing.destroy(cause instanceof Error ? cause : undefined),
    );
  });
}

async function* readBody(response: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response) yield chunk;
  } finally {
    // Who reads no further ends the request.
    response.destroy();
  }
}
