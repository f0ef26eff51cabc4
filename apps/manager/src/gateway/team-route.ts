import { DELEGATE_TOOL, type Delegate, DelegationInterrupted, delegateSchema } from '@wegent/engine';
import { z } from 'zod';
import { sendJson, sendText } from './answers.ts';
import { BodyProblem, type Exchange, readBody } from './exchange.ts';
import type { GatewayTimings } from './gateway-timings.ts';

/** Bytes of one message at most. */
const MAX_BYTES = 2 * 1024 * 1024;
/** Silence on the way would be taken for a broken connection. */
const ALIVE_MS = 15_000;
const PROTOCOL = '2025-06-18';

const Message = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string().optional(),
  params: z.looseObject({}).optional(),
});
const Call = z.object({
  name: z.literal(DELEGATE_TOOL.name),
  arguments: z.object({ member: z.string(), instruction: z.string() }),
});

/**
 * The Team of a run as an MCP server of the gateway, with the one tool `delegate`: engines in a sandbox reach it like
 * any other server. It keeps no session: each message stands for itself.
 */
export async function serveTeam(
  exchange: Pick<Exchange, 'pass' | 'request' | 'response' | 'signal'>,
  { delegate, timings }: { delegate: Delegate; timings: Pick<GatewayTimings, 'bodyMs'> },
): Promise<void> {
  const { pass, request, response } = exchange;
  if (request.method !== 'POST')
    return sendText(response, 405, 'The Team takes messages by POST; it sends none of its own.\n', {
      close: true,
    });
  let message: z.infer<typeof Message>;
  try {
    const body = await readBody(exchange, { maxBytes: MAX_BYTES, withinMs: timings.bodyMs });
    message = Message.parse(JSON.parse(body.toString('utf8')));
  } catch (cause) {
    if (cause instanceof BodyProblem)
      return sendText(response, cause.status, `${cause.message}\n`, { close: true });
    return sendJson(response, 400, failure(null, -32700, 'This is no JSON-RPC message.'));
  }
  const { id, method, params } = message;
  // Notifications, and answers to what was never asked.
  if (id === undefined || method === undefined) return void response.writeHead(202).end();
  const answer = (result: object) => sendJson(response, 200, { jsonrpc: '2.0', id, result });
  switch (method) {
    case 'initialize': {
      const wanted = params?.protocolVersion;
      return answer({
        protocolVersion: typeof wanted === 'string' ? wanted : PROTOCOL,
        capabilities: { tools: {} },
        serverInfo: { name: 'team', version: '1' },
      });
    }
    case 'ping':
      return answer({});
    case 'tools/list':
      return answer({
        tools: [{ ...DELEGATE_TOOL, inputSchema: delegateSchema(pass.run?.team?.members ?? []) }],
      });
    case 'tools/call': {
      const call = Call.safeParse(params);
      if (!call.success)
        return sendJson(
          response,
          200,
          failure(id, -32602, 'Wanted is the tool "delegate" with "member" and "instruction".'),
        );
      return answerLater(exchange, id, delegate(call.data.arguments));
    }
    default:
      return sendJson(response, 200, failure(id, -32601, `There is no method "${method.slice(0, 100)}".`));
  }
}

/** A member may work for long: the answer is a stream that shows that somebody is there. */
async function answerLater(
  { response, signal }: Pick<Exchange, 'response' | 'signal'>,
  id: string | number,
  work: Promise<string>,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.flushHeaders();
  const alive = setInterval(() => response.write(': at work\n\n'), ALIVE_MS);
  const result = await work.then(
    (text) => toolResult(text, false),
    (error: unknown) =>
      error instanceof DelegationInterrupted
        ? undefined
        : toolResult(error instanceof Error ? error.message : String(error), true),
  );
  clearInterval(alive);
  if (signal.aborted) return;
  // Without a whole answer the executor asks again, and finds whoever has the run by then.
  if (!result) return void response.destroy();
  response.end(`event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', id, result })}\n\n`);
}

function toolResult(text: string, isError: boolean) {
  return { content: [{ type: 'text', text }], ...(isError ? { isError } : {}) };
}

function failure(id: string | number | null, code: number, message: string) {
  return { jsonrpc: '2.0', id, error: { code, message } };
}
