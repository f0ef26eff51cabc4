import { createServer } from 'node:http';
import { serveParent } from '../child.ts';

/** The answers of the product, to be given again by a server that does nothing else. */
type Answers = Record<string, { status: number; headers: Record<string, string>; body: string }>;

/** Serves fixed bytes by method (`GET /path`); answers its address. */
async function listen(answers: Answers): Promise<string> {
  const prepared = new Map(
    Object.entries(answers).map(([key, answer]) => [key, { ...answer, body: Buffer.from(answer.body) }]),
  );
  const server = createServer((request, response) => {
    const answer = prepared.get(`${request.method} ${request.url}`);
    request.on('end', () => {
      if (!answer) response.writeHead(404).end();
      else response.writeHead(answer.status, answer.headers).end(answer.body);
    });
    request.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

const handlers = { listen };
/** What this process is asked for. */
export type HttpLimitHandlers = typeof handlers;
serveParent(handlers);
