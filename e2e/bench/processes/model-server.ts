import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createSimulator } from '@wegent/simulator';
import { serveParent } from '../child.ts';
import { clock } from '../clock.ts';

/** Starts the simulator, in whose answers each word is the time at which it is written; answers its address. */
async function listen(): Promise<string> {
  const simulator = createSimulator();
  const server = createServer((request, response) => {
    stampWords(response);
    simulator.handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

// One write of the simulator is one frame, and one frame holds one word at most.
function stampWords(response: ServerResponse): void {
  const write = response.write.bind(response);
  response.write = (frame: unknown) =>
    write(String(frame).replace(/"content":"(?:[^"\\]|\\.)+"/, () => `"content":"${clock().toFixed(2)} "`));
}

const handlers = { listen };
/** What this process is asked for. */
export type ModelServerHandlers = typeof handlers;
serveParent(handlers);
