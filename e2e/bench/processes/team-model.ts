import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { openAnswer, scriptedAnswer, whoAsks } from '../../support/team-script.ts';
import { serveParent } from '../child.ts';
import { clock } from '../clock.ts';

/** One question to the model, with times by `clock`. */
export interface ModelCall {
  member: string;
  arrived: number;
  /** The last byte of the answer was written. */
  ended: number;
}

const PACE = /Say (\d+) words at (\d+) words per second\./;
let calls: ModelCall[] = [];

/** Starts a model that plays the members of a Team and notes when each asked; answers its address. */
async function listen(): Promise<string> {
  const server = createServer(async (request, response) => {
    const arrived = clock();
    let body = '';
    for await (const chunk of request) body += chunk;
    const said = scriptedAnswer(body);
    const answer = openAnswer(response);
    const [, words, pace] = PACE.exec(body) ?? [];
    const started = performance.now();
    for (let word = 0; word < Number(words ?? 0); word += 1) {
      const wait = started + (word * 1000) / Number(pace) - performance.now();
      if (wait > 0) await delay(wait);
      answer.say('word ');
    }
    if (typeof said === 'string') answer.say(said);
    else answer.call(said);
    answer.end();
    calls.push({ member: whoAsks(body)?.member ?? '', arrived, ended: clock() });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

/** The questions since it was asked last, in the order in which they ended. */
function take(): ModelCall[] {
  const taken = calls;
  calls = [];
  return taken;
}

const handlers = { listen, take };
/** What this process is asked for. */
export type TeamModelHandlers = typeof handlers;
serveParent(handlers);
