import { createServer } from 'node:http';
import { ApiError } from '@wegent/api';
import { describe, expect, it } from 'vitest';
import { createHttpManagerLink } from '../src/index.ts';

interface Answer {
  status: number;
  body: string;
}

/** A server that gives these answers, one a request; `cut` breaks the connection. */
async function serve(answers: (Answer | 'cut')[]) {
  const requests: {
    method: string | undefined;
    url: string | undefined;
    authorization: string | undefined;
    body: unknown;
  }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    requests.push({
      method: request.method,
      url: request.url,
      authorization: request.headers.authorization,
      body: JSON.parse(body),
    });
    const answer = answers.shift();
    if (answer === undefined || answer === 'cut') return void request.socket.destroy();
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    requests,
    link: createHttpManagerLink({
      baseUrl: `http://127.0.0.1:${port}`,
      secret: 'shared',
      retryDelaysMs: [1, 1],
    }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const ok = (body: unknown): Answer => ({ status: 200, body: JSON.stringify(body) });
const failed = (error: ApiError): Answer => ({ status: error.code, body: JSON.stringify(error.toStatus()) });

describe('createHttpManagerLink', () => {
  it('posts with the secret and checks the answer', async () => {
    await using server = await serve([ok({ ackedSeq: 3 })]);
    const batch = { attempt: 1, firstSeq: 3, events: [{ type: 'phase' as const, text: 'x' }] };
    expect(await server.link.events('a/b', batch)).toEqual({ ackedSeq: 3 });
    expect(server.requests).toEqual([
      {
        method: 'POST',
        url: '/internal/v1/executions/a%2Fb/events',
        authorization: 'Bearer shared',
        body: batch,
      },
    ]);
  });

  it('repeats after broken connections and failures of the server', async () => {
    await using server = await serve([
      'cut',
      { status: 502, body: '<html>' },
      ok({ leaseUntil: 1, commands: [{ type: 'cancel' }] }),
    ]);
    expect(await server.link.heartbeat('x', { attempt: 1 })).toEqual({
      leaseUntil: 1,
      commands: [{ type: 'cancel' }],
    });
    expect(server.requests).toHaveLength(3);
  });

  it('gives up as ServiceUnavailable', async () => {
    await using server = await serve(['cut', 'cut', 'cut']);
    await expect(server.link.claim('x', { managerId: 'm' })).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
    });
  });

  it('hands on what the server says, and repeats nothing then', async () => {
    await using server = await serve([failed(new ApiError('Conflict', 'somebody else has it'))]);
    await expect(server.link.claim('x', { managerId: 'm' })).rejects.toMatchObject({
      reason: 'Conflict',
      message: 'somebody else has it',
    });
    expect(server.requests).toHaveLength(1);
  });
});
