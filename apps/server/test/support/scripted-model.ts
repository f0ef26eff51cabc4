import { createServer } from 'node:http';
import { z } from 'zod';

const Request = z.object({
  messages: z.array(
    z.object({ role: z.string(), content: z.unknown(), tool_calls: z.array(z.unknown()).optional() }),
  ),
  tools: z.array(z.object({ function: z.object({ name: z.string() }) })).default([]),
});

/** What a model was asked, as the suites look at it. */
export interface ModelQuestion {
  /** Its system prompt. */
  system: string;
  /** The last message of the person. */
  prompt: string;
  tools: string[];
  /** What the tools of the step before returned. */
  results: string[];
}

/** What it says: words, or calls of tools. */
export type ModelAnswer = string | { name: string; input: unknown }[];

/** A model that a suite speaks for, over the protocol of OpenAI. */
export async function startScriptedModel(
  answer: (question: ModelQuestion) => ModelAnswer | Promise<ModelAnswer>,
) {
  const asked: ModelQuestion[] = [];
  let calls = 0;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { messages, tools } = Request.parse(JSON.parse(body));
    const last = messages.findLastIndex(({ role }) => role !== 'tool');
    const question = {
      system: textOf(messages.find(({ role }) => role === 'system')?.content),
      prompt: textOf(messages.findLast(({ role }) => role === 'user')?.content),
      tools: tools.map((each) => each.function.name),
      results: messages.slice(last + 1).map(({ content }) => textOf(content)),
    };
    asked.push(question);
    const said = await answer(question);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (delta: object, finish: string | null = null) =>
      response.write(
        `data: ${JSON.stringify({
          id: 'c',
          object: 'chat.completion.chunk',
          created: 1,
          model: 'demo',
          choices: [{ index: 0, delta, finish_reason: finish }],
        })}\n\n`,
      );
    if (typeof said === 'string') send({ role: 'assistant', content: said });
    else {
      const list = said.map(({ name, input }, index) => ({
        index,
        id: `call-${++calls}`,
        type: 'function',
        function: { name, arguments: JSON.stringify(input) },
      }));
      send({ role: 'assistant', tool_calls: list });
    }
    send({}, typeof said === 'string' ? 'stop' : 'tool_calls');
    response.write(
      `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'demo', choices: [], usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 } })}\n\n`,
    );
    response.end('data: [DONE]\n\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  const parts = z.array(z.looseObject({ text: z.string().default('') })).safeParse(content);
  return parts.success ? parts.data.map(({ text }) => text).join('\n') : '';
}
