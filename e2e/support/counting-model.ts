import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

const Request = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.unknown() })),
  tools: z.array(z.object({ function: z.object({ name: z.string() }) })).default([]),
});

/** What was asked. */
export interface CountedQuestion {
  /** Id that the model was asked by. */
  model: string;
  /** What people said, oldest first. */
  said: string[];
  tools: string[];
  /** What the tools of the step before returned. */
  results: string[];
}

/** Words, calls of tools, or silence for ever. */
export type CountedAnswer = string | { name: string; input: object }[] | undefined;

/** Each answer costs exactly this. */
export const TOKENS = { input: 10, output: 2 };

/** A model of the OpenAI protocol whose every answer uses the same tokens, so that what was counted can be checked. */
export async function startCountingModel(
  answer: (question: CountedQuestion) => CountedAnswer,
): Promise<{ url: string; port: number; answered(): number; unanswered(): number } & AsyncDisposable> {
  let answered = 0;
  let unanswered = 0;
  const server = createServer(async (request, response) => {
    const { model, messages, tools } = Request.parse(JSON.parse(await text(request)));
    const last = messages.findLastIndex(({ role }) => role !== 'tool');
    const said = answer({
      model,
      said: messages.filter(({ role }) => role === 'user').map(({ content }) => wordsOf(content)),
      tools: tools.map((tool) => tool.function.name),
      results: messages.slice(last + 1).map(({ content }) => wordsOf(content)),
    });
    if (said === undefined) {
      unanswered += 1;
      return;
    }
    answered += 1;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (more: object) =>
      response.write(
        `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model, choices: [], ...more })}\n\n`,
      );
    const part = (delta: object, finish: string | null = null) =>
      send({ choices: [{ index: 0, delta, finish_reason: finish }] });
    if (typeof said === 'string') part({ role: 'assistant', content: said });
    else {
      const calls = said.map(({ name, input }, index) => ({
        ...{ index, id: `call-${answered}-${index}`, type: 'function' },
        function: { name, arguments: JSON.stringify(input) },
      }));
      part({ role: 'assistant', tool_calls: calls });
    }
    part({}, typeof said === 'string' ? 'stop' : 'tool_calls');
    const { input, output } = TOKENS;
    send({ usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output } });
    response.end('data: [DONE]\n\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    port: address.port,
    answered: () => answered,
    unanswered: () => unanswered,
    async [Symbol.asyncDispose]() {
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
