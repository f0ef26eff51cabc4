import { createServer, type IncomingMessage } from 'node:http';
import { createSimulator } from '@wegent/simulator';
import { z } from 'zod';

/** What a model was asked by a member of a Team. */
export interface Heard {
  team: string;
  member: string;
  /** Its system prompt. */
  instructions: string;
  /** What people said last, without what an agent puts around it. */
  input: string;
  /** All that was said so far, by people and by itself. */
  past: readonly string[];
  /** Names of the tools that it was offered. */
  tools: readonly string[];
  /** What the tools returned that it called last. */
  results: readonly string[];
}

/** A model that knows which member asks, and answers as the suite tells it. */
export interface ActingModel extends AsyncDisposable {
  /** The base URL without a path. */
  readonly url: string;
  readonly port: number;
}

/** The prompt of a member by which those that stand in for models and applications know it. */
export const introduction = (team: string, member: string) => `I am ${member} of ${team}.`;

/** Whom instructions introduce. */
export function introduced(instructions: string): { team: string; member: string } | undefined {
  const [, member, team] = /I am ([\w-]+) of ([\w-]+)\./.exec(instructions) ?? [];
  return member === undefined || team === undefined ? undefined : { team, member };
}

/**
 * Starts it: the simulator, to which each prompt of a member is handed with the script that `part` gives for it. So it
 * speaks every protocol, and a request that no member makes is answered as the simulator does.
 */
export async function startActingModel(part: (heard: Heard) => string): Promise<ActingModel> {
  const simulator = await createSimulator({ pace: 0 }).listen();

  /** The request with the script put behind what the person said. */
  function act(body: string): string {
    const parsed = Request.safeParse(JSON.parse(body));
    if (!parsed.success) return body;
    const { messages, tools } = parsed.data;
    const instructions = [contentText(parsed.data.system), ...textsOf(messages, 'system')].join('\n\n');
    const who = introduced(instructions);
    const at = messages.findLastIndex((message) => message.role === 'user' && !hasResults(message));
    const prompt = messages[at];
    if (!who || !prompt) return body;
    const before = messages.findLastIndex(({ role }) => role === 'assistant');
    const heard: Heard = {
      ...who,
      instructions,
      input: partsOf(prompt.content).filter(isSaid).join('\n\n'),
      past: messages.slice(0, at).flatMap(({ content }) => partsOf(content)),
      tools: tools.map((tool) => tool.name ?? tool.function?.name ?? ''),
      results: messages.slice(before + 1).flatMap(resultsOf),
    };
    const content = [...blocksOf(prompt.content), { type: 'text', text: part(heard) }];
    return JSON.stringify({ ...parsed.data, messages: messages.with(at, { ...prompt, content }) });
  }

  const server = createServer(async (request, response) => {
    response.on('error', () => response.destroy());
    const body = await textOf(request);
    const isTurn = request.method === 'POST' && !request.url?.includes('count_tokens');
    const answer = await fetch(`${simulator.url}${request.url}`, {
      method: request.method ?? 'GET',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      ...(request.method === 'POST' ? { body: isTurn ? act(body) : body } : {}),
    });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await simulator.close();
    },
  };
}

const Block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  content: z.unknown().optional(),
});
const Said = z.looseObject({ role: z.string(), content: z.unknown().optional() });
const Request = z.looseObject({
  system: z.unknown().optional(),
  messages: z.array(Said),
  tools: z
    .array(
      z.looseObject({
        name: z.string().optional(),
        function: z.looseObject({ name: z.string() }).optional(),
      }),
    )
    .default([]),
});

function blocksOf(content: unknown): z.infer<typeof Block>[] {
  if (typeof content === 'string') return [{ type: 'text', text: content, content: undefined }];
  const blocks = z.array(Block).safeParse(content);
  return blocks.success ? blocks.data : [];
}

function partsOf(content: unknown): string[] {
  return blocksOf(content).flatMap(({ text }) => (text === undefined ? [] : [text]));
}

const contentText = (content: unknown) => partsOf(content).join('\n');

function textsOf(messages: readonly z.infer<typeof Said>[], role: string): string[] {
  return messages.filter((message) => message.role === role).map(({ content }) => contentText(content));
}

/** Agents put reminders beside what people say. */
const isSaid = (text: string) => !text.trim().startsWith('<system-reminder>');

function hasResults({ content }: z.infer<typeof Said>): boolean {
  return blocksOf(content).some(({ type }) => type === 'tool_result');
}

/** Results of tools, in the protocol of OpenAI and in that of Anthropic. */
function resultsOf({ role, content }: z.infer<typeof Said>): string[] {
  if (role === 'tool') return [contentText(content)];
  return blocksOf(content)
    .filter(({ type }) => type === 'tool_result')
    .map((block) => contentText(block.content));
}

async function textOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
  return body;
}
