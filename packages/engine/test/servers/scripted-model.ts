import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

const Request = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.unknown() })),
  tools: z.array(z.object({ function: z.object({ name: z.string() }) })).default([]),
});

/** What a model was asked. */
export interface Question {
  system: string;
  /** The last message of a person. */
  prompt: string;
  tools: string[];
  /** What the tools of the step before returned. */
  results: string[];
  body: string;
}

/** What it says: words one after another, or calls of tools, or a status that it fails with. */
export type Said = string[] | { calls: { name: string; input: unknown }[] } | { status: number };

/** A model that a suite speaks for, over the protocol of OpenAI. */
export async function startScriptedModel(
  answer: (question: Question) => Said | Promise<Said>,
): Promise<{ url: string; asked: Question[] } & AsyncDisposable> {
  const asked: Question[] = [];
  let count = 0;
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { messages, tools } = Request.parse(JSON.parse(body));
    const last = messages.findLastIndex(({ role }) => role !== 'tool');
    const question = {
      system: wordsOf(messages.find(({ role }) => role === 'system')?.content),
      prompt: wordsOf(messages.findLast(({ role }) => role === 'user')?.content),
      tools: tools.map((each) => each.function.name),
      results: messages.slice(last + 1).map(({ content }) => wordsOf(content)),
      body,
    };
    asked.push(question);
    const said = await answer(question);
    if ('status' in said) {
      response.writeHead(said.status, { 'content-type': 'application/json' });
      return void response.end(JSON.stringify({ error: { message: 'the model is out' } }));
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (more: object) =>
      response.write(
        `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'simulator', choices: [], ...more })}\n\n`,
      );
    const part = (delta: object, finish: string | null = null) =>
      send({ choices: [{ index: 0, delta, finish_reason: finish }] });
    if ('calls' in said) {
      const calls = said.calls.map(({ name, input }, index) => ({
        ...{ index, id: `call-${++count}`, type: 'function' },
        function: { name, arguments: JSON.stringify(input) },
      }));
      part({ role: 'assistant', tool_calls: calls });
    } else for (const word of said) part({ role: 'assistant', content: word });
    part({}, 'calls' in said ? 'tool_calls' : 'stop');
    send({ usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 } });
    response.end('data: [DONE]\n\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function wordsOf(content: unknown): string {
  if (typeof content === 'string') return content;
  const parts = z.array(z.looseObject({ text: z.string().default('') })).safeParse(content);
  return parts.success ? parts.data.map((each) => each.text).join('\n') : '';
}
