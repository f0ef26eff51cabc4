import { ApiError, type ExecutorHealth, ExecutorInputs, ExecutorTurn } from '@wegent/api';
import { z } from 'zod';
import { revertTurn } from '../snapshots/revert-turn.ts';
import { readJson, sendJson, sendNothing, sendStream } from './answers.ts';
import type { RouteDeps } from './route-deps.ts';
import type { Route } from './router.ts';

const Interrupt = z.object({ attempt: z.number().int().min(1) });
/** Tells idle readers, and whatever lies between, that the stream lives. */
const BEAT_MS = 15_000;

/** Routes of turns. */
export function turnRoutes({ turns, git, snapshots, requireTree, version }: RouteDeps): Route[] {
  return [
    [
      'GET',
      '/healthz',
      ({ response }) =>
        sendJson(response, 200, { status: 'ok', version, turns: turns.health() } satisfies ExecutorHealth),
    ],
    [
      'POST',
      '/v1/turns',
      async ({ request, response }) => {
        const turn = await readJson(request, ExecutorTurn);
        const isNew = turns.start(turn);
        sendJson(response, isNew ? 201 : 200, { turnId: turn.turnId, attempt: turn.attempt });
      },
    ],
    [
      'GET',
      '/v1/turns/:/events',
      async ({ response, params: [turnId = ''], query, signal }) => {
        const lines = turns.events(turnId, countOf(query, 'after') ?? 0, signal);
        const beat = setInterval(() => response.writableEnded || response.write('\n'), BEAT_MS);
        await sendStream(response, 'application/x-ndjson', lines).finally(() => clearInterval(beat));
      },
    ],
    [
      'POST',
      '/v1/turns/:/interrupt',
      async ({ request, response, params: [turnId = ''] }) => {
        const { attempt } = await readJson(request, Interrupt);
        turns.interrupt(turnId, attempt);
        sendNothing(response, 202);
      },
    ],
    [
      'POST',
      '/v1/turns/:/input',
      async ({ request, response, params: [turnId = ''] }) => {
        const received = turns.input(turnId, await readJson(request, ExecutorInputs));
        sendJson(response, 200, { received });
      },
    ],
    [
      'POST',
      '/v1/turns/:/revert',
      async ({ response, params: [turnId = ''] }) => {
        if (turns.isRunning()) {
          throw new ApiError('Conflict', 'an agent is at work in these files: stop it or wait, then revert');
        }
        if (!/^[A-Za-z0-9_-]+$/.test(turnId)) throw new ApiError('NotFound', 'there is no such turn here');
        const files = await revertTurn({ git, snapshots, tree: await requireTree(), turnId });
        sendJson(response, 200, { files });
      },
    ],
  ];
}

/** A number ≥ 0 of the query, or undefined when it is not given. */
export function countOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (text !== '' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new ApiError(
    'BadRequest',
    `${name}: must be a whole number from 0, not ${JSON.stringify(text.slice(0, 100))}`,
  );
}
