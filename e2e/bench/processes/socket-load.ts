import { setTimeout as delay } from 'node:timers/promises';
import type { ChatSend, ServerEvent, ServerEventName } from '@wegent/api';
import { io, type Socket } from 'socket.io-client';
import { serveParent } from '../child.ts';
import { stampsOf } from '../chunk-stamps.ts';
import { clock } from '../clock.ts';
import { type Distribution, distributionOf } from '../distribution.ts';

/** Sends on the first sockets, as many as there are payloads. */
export interface StreamLoad {
  sends: ChatSend[];
  /** All sends go out evenly within so many milliseconds. */
  rampMs: number;
  /** From the end of the ramp, so many milliseconds count. */
  windowMs: number;
}

/** What arrived. Delays go from the writing of a word by the model to its arrival here. */
export interface StreamResult {
  /** Words written in the window. */
  delays: Distribution;
  deltasPerSecond: number;
  /** Socket events in the window, each with one or more deltas. */
  eventsPerSecond: number;
  completed: number;
  failed: number;
}

/** How many handshakes are under way at once. */
const CONNECTING = 25;
const END_DEADLINE_MS = 60_000;

let sockets: Socket[] = [];

/** Opens one socket for each token. */
async function connect({ url, tokens }: { url: string; tokens: string[] }): Promise<void> {
  const waiting = [...tokens];
  const open = async () => {
    for (let token = waiting.pop(); token !== undefined; token = waiting.pop()) {
      const socket = io(`${url}/chat`, {
        path: '/socket.io',
        transports: ['websocket'],
        auth: { token },
        forceNew: true,
        reconnection: false,
      });
      sockets.push(socket);
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('connect_error', reject);
      });
    }
  };
  await Promise.all(Array.from({ length: CONNECTING }, open));
}

/** Starts the streams and resolves when all have ended. */
async function stream({ sends, rampMs, windowMs }: StreamLoad): Promise<StreamResult> {
  const windowFrom = clock() + rampMs;
  const windowTo = windowFrom + windowMs;
  const delays: number[] = [];
  const result = { events: 0, completed: 0, failed: 0 };
  const streams = sends.map(async (send, index) => {
    const socket = sockets[index];
    if (!socket) throw new Error('there are more streams than sockets');
    await delay((index * rampMs) / sends.length);
    const onChunk = ({ events }: ServerEvent<'chat:chunk'>) => {
      const now = clock();
      if (now >= windowFrom && now < windowTo) result.events += 1;
      for (const stamp of stampsOf(events)) {
        if (stamp >= windowFrom && stamp < windowTo) delays.push(now - stamp);
      }
    };
    socket.on('chat:chunk', onChunk);
    const done = next(socket, 'chat:done').then(() => 'completed' as const);
    const broken = next(socket, 'chat:error').then(() => 'failed' as const);
    const late = delay(END_DEADLINE_MS, 'failed' as const, { ref: false });
    const answer: { ok: boolean } = await socket.emitWithAck('chat:send', send);
    if (answer.ok) result[await Promise.race([done, broken, late])] += 1;
    else result.failed += 1;
    socket.off('chat:chunk', onChunk);
  });
  await Promise.all(streams);
  return {
    delays: distributionOf(delays),
    deltasPerSecond: (delays.length * 1000) / windowMs,
    eventsPerSecond: (result.events * 1000) / windowMs,
    completed: result.completed,
    failed: result.failed,
  };
}

function next(socket: Socket, name: ServerEventName): Promise<unknown> {
  return new Promise((resolve) => socket.once(name, resolve));
}

function disconnect(): void {
  for (const socket of sockets) socket.disconnect();
  sockets = [];
}

const handlers = { connect, stream, disconnect };
/** What this process is asked for. */
export type SocketLoadHandlers = typeof handlers;
serveParent(handlers);
