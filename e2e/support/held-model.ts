import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { createSimulator } from '@wegent/simulator';
import { openAnswer, scriptedAnswer, whoAsks } from './team-script.ts';

/** A request that the model got from a member of a Team, see `whoAsks`. */
export interface HeldCall {
  readonly team: string;
  readonly member: string;
  /** `completed` when the whole answer was taken, `broken` when whoever asked went away before. */
  state: 'open' | 'completed' | 'broken';
  /** Waits for `release`. */
  held: boolean;
}

/** A model that knows which member asks, remembers it, and keeps those waiting whom a suite names. */
export interface HeldModel extends AsyncDisposable {
  /** The base URL without a path. */
  readonly url: string;
  readonly port: number;
  /** Calls of a Team's members, oldest first. */
  calls(team: string): readonly HeldCall[];
  /** Keeps the next answer of a member open after its first word, or the one after so many others. */
  hold(team: string, member: string, after?: number): void;
  /** Lets all answers of a Team that wait go on. */
  release(team: string): void;
}

/**
 * Starts it. Over the protocol of OpenAI members say what `scriptedAnswer` says, with `wordMs` between two words; what
 * comes over the protocol of Anthropic is answered by the simulator.
 */
export async function startHeldModel({ wordMs = 0 }: { wordMs?: number } = {}): Promise<HeldModel> {
  const simulator = await createSimulator({ pace: 0 }).listen();
  const calls: HeldCall[] = [];
  const wanted: { team: string; member: string; after: number }[] = [];
  const waiting: { team: string; go: () => void }[] = [];

  /** Notes the call, and answers what it has to wait for after its first word. */
  function note(body: string, response: ServerResponse): (() => Promise<unknown>) | undefined {
    const who = whoAsks(body);
    if (!who) return undefined;
    const { team, member } = who;
    const call: HeldCall = { team, member, state: 'open', held: false };
    calls.push(call);
    const gone = new Promise<void>((resolve) => response.once('close', resolve));
    void gone.then(() => {
      call.state = response.writableFinished ? 'completed' : 'broken';
    });
    const hold = wanted.find((each) => each.team === team && each.member === member);
    if (hold === undefined) return undefined;
    hold.after -= 1;
    if (hold.after >= 0) return undefined;
    wanted.splice(wanted.indexOf(hold), 1);
    return () => {
      call.held = true;
      const released = new Promise<void>((resolve) => waiting.push({ team, go: resolve }));
      return Promise.race([released, gone]);
    };
  }

  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    response.on('error', () => response.destroy());
    const wait = note(body, response);
    if (request.url?.endsWith('/chat/completions')) {
      await play(body, { response, wait, wordMs });
      return;
    }
    await wait?.();
    const answer = await fetch(`${simulator.url}${request.url}`, {
      method: request.method ?? 'GET',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      ...(request.method === 'POST' ? { body } : {}),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
    response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    calls: (team) => calls.filter((call) => call.team === team),
    hold: (team, member, after = 0) => void wanted.push({ team, member, after }),
    release(team) {
      for (const each of waiting.filter((one) => one.team === team)) {
        waiting.splice(waiting.indexOf(each), 1);
        each.go();
      }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await simulator.close();
    },
  };
}

/** Answers a request of OpenAI's protocol word by word. */
async function play(
  body: string,
  {
    response,
    wait,
    wordMs,
  }: { response: ServerResponse; wait: (() => Promise<unknown>) | undefined; wordMs: number },
): Promise<void> {
  const said = scriptedAnswer(body);
  const answer = openAnswer(response);
  const [first, ...rest] = typeof said === 'string' ? said.split(/(?<= )/) : [];
  if (first !== undefined) answer.say(first);
  await wait?.();
  for (const word of rest) {
    if (wordMs > 0) await delay(wordMs);
    answer.say(word);
  }
  if (typeof said !== 'string') answer.call(said);
  answer.end();
}
