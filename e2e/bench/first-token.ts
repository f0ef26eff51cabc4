import { randomUUID } from 'node:crypto';
import type { ServerEvent } from '@wegent/api';
import { temporaryFolder } from '@wegent/testing';
import { io, type Socket } from 'socket.io-client';
import { startHelper } from './child.ts';
import { stampsOf } from './chunk-stamps.ts';
import { clock } from './clock.ts';
import type { BenchConfig } from './config.ts';
import { distributionOf } from './distribution.ts';
import { MODEL, registerModel } from './model.ts';
import type { ModelServerHandlers } from './processes/model-server.ts';
import { startProduct } from './product.ts';
import { atMost, type Group, milliseconds, percentiles, type Row } from './row.ts';
import { seed, seedPeople, TEAM } from './seed.ts';

/** One conversation at a time, each beside the same call of the model without the platform. */
export const firstToken: Group = {
  name: 'first-token',
  says: 'time to the first token and delay of each delta, over calling the model directly',
  run,
};

const PROMPT = '15 words at 50 words per second';
const WARM_UP = 5;
const ROUND_DEADLINE_MS = 15_000;

/** Milliseconds: from asking to the first word, and from the writing of each word to its arrival. */
interface Round {
  first: number;
  delays: number[];
}

async function run({ quick, environment }: BenchConfig): Promise<Row[]> {
  await using folder = await temporaryFolder();
  const [person] = await seed(folder.path, (store) => seedPeople(store, 1));
  if (!person) throw new Error('nobody was seeded');
  await using product = await startProduct({ dataDir: folder.path, environment });
  await using modelServer = startHelper<ModelServerHandlers>('model-server.ts');
  const modelUrl = await modelServer.call('listen', undefined);
  await registerModel(product.url, person, modelUrl);
  const socket = io(`${product.url}/chat`, { transports: ['websocket'], auth: { token: person.token } });
  const measured: Round[] = [];
  const direct: Round[] = [];
  try {
    for (let index = 0; index < WARM_UP + (quick ? 15 : 60); index += 1) {
      const both = [await askDirectly(modelUrl), await askPlatform(socket)] as const;
      if (index < WARM_UP) continue;
      direct.push(both[0]);
      measured.push(both[1]);
    }
  } finally {
    socket.disconnect();
  }
  return rowsOf(measured, direct);
}

function rowsOf(measured: readonly Round[], direct: readonly Round[]): Row[] {
  const first = distributionOf(measured.map((round) => round.first));
  const firstDirect = distributionOf(direct.map((round) => round.first));
  const delta = distributionOf(measured.flatMap((round) => round.delays));
  const deltaDirect = distributionOf(direct.flatMap((round) => round.delays));
  const over = { p50: first.p50 - firstDirect.p50, p95: first.p95 - firstDirect.p95 };
  const difference = (p50: number, p95: number) => `+${milliseconds(p50)} / +${milliseconds(p95)} ms`;
  return [
    {
      name: 'first token',
      measured: percentiles(first),
      limitName: 'the model, called directly',
      limit: percentiles(firstDirect),
      comparison: difference(over.p50, over.p95),
      aim: { text: 'p50 ≤ +20, p95 ≤ +60 ms', met: over.p50 <= 20 && over.p95 <= 60 },
    },
    {
      name: 'delta',
      measured: percentiles(delta),
      limitName: 'the model, called directly',
      limit: percentiles(deltaDirect),
      comparison: difference(delta.p50 - deltaDirect.p50, delta.p95 - deltaDirect.p95),
      aim: atMost(delta.p95, 50, 'p95 ≤ 50 ms'),
    },
  ];
}

/** A streaming call of the model, as any client of its provider would make it. */
async function askDirectly(modelUrl: string): Promise<Round> {
  const asked = clock();
  const response = await fetch(`${modelUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer any' },
    body: JSON.stringify({ model: 'simulator', stream: true, messages: [{ role: 'user', content: PROMPT }] }),
  });
  if (!response.ok || !response.body) throw new Error(`the model answered ${response.status}`);
  const round: Round = { first: Number.NaN, delays: [] };
  const decoder = new TextDecoder();
  for await (const bytes of response.body) {
    for (const [, stamp] of decoder.decode(bytes, { stream: true }).matchAll(/"content":"([\d.]+) "/g))
      note(round, asked, Number(stamp));
  }
  return round;
}

/** A new conversation: sent, stored, queued, run, stored, published. */
async function askPlatform(socket: Socket): Promise<Round> {
  const round: Round = { first: Number.NaN, delays: [] };
  const ended = Promise.withResolvers<void>();
  const deadline = setTimeout(() => ended.reject(new Error('an answer did not end')), ROUND_DEADLINE_MS);
  const asked = clock();
  const onChunk = ({ events }: ServerEvent<'chat:chunk'>) => {
    for (const stamp of stampsOf(events)) note(round, asked, stamp);
  };
  const onError = (payload: ServerEvent<'chat:error'>) => ended.reject(new Error(payload.error.message));
  socket.on('chat:chunk', onChunk).once('chat:done', ended.resolve).once('chat:error', onError);
  try {
    const answer = await socket.emitWithAck('chat:send', {
      clientMessageId: randomUUID(),
      team: TEAM,
      message: PROMPT,
      modelOverride: MODEL,
    });
    if (!answer.ok) throw new Error(`chat:send was refused: ${JSON.stringify(answer.error)}`);
    await ended.promise;
    return round;
  } finally {
    clearTimeout(deadline);
    socket.off('chat:chunk', onChunk).off('chat:done', ended.resolve).off('chat:error', onError);
  }
}

function note(round: Round, asked: number, stamp: number): void {
  const now = clock();
  if (round.delays.length === 0) round.first = now - asked;
  round.delays.push(now - stamp);
}
