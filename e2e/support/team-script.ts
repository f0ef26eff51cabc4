import type { ServerResponse } from 'node:http';
import { z } from 'zod';

/** Input tokens that each answer counts. */
export const SCRIPT_INPUT_TOKENS = 10;

const Body = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.unknown() })),
  tools: z.array(z.object({ function: z.object({ name: z.string() }) })).default([]),
});
const WHO = /I am ([\w-]+) of ([\w-]+)\./;

/** The system prompt by which a model knows a member of a Team. */
export const memberPrompt = (team: string, member: string) => `I am ${member} of ${team}.`;

/** Which member a request is from, whatever its protocol. */
export function whoAsks(body: string): { team: string; member: string } | undefined {
  const [, member, team] = WHO.exec(body) ?? [];
  return member === undefined || team === undefined ? undefined : { team, member };
}

/**
 * What a member says over the protocol of OpenAI, in words or in calls of tools. It follows from the request alone: who
 * is to choose a member names the first, who has the tool `delegate` gives work to each and tells what came of it, and
 * everybody else says that he was here.
 */
export function scriptedAnswer(body: string): string | object[] {
  const { messages, tools } = Body.parse(JSON.parse(body));
  const system = textOf(messages.find(({ role }) => role === 'system')?.content);
  const others = [...system.matchAll(/^- "([\w-]+)":/gm)].map(([, name]) => name);
  if (system.includes('You do not answer the message yourself')) return `{"member": "${others[0]}"}`;
  const last = messages.findLastIndex(({ role }) => role !== 'tool');
  const results = messages.slice(last + 1).map(({ content }) => textOf(content));
  // Agents in sandboxes know it with a prefix.
  const name = tools.map((tool) => tool.function.name).find((each) => each.endsWith('delegate'));
  if (name !== undefined && results.length === 0)
    return others.map((member, index) => ({
      index,
      id: `call-${index}`,
      type: 'function',
      function: { name, arguments: JSON.stringify({ member, instruction: `Look, ${member}.` }) },
    }));
  return [`${whoAsks(system)?.member ?? 'nobody'} was here`, ...results].join(' and ');
}

/** Writes an answer of OpenAI's protocol as a stream, whose head goes out at once. */
export function openAnswer(response: ServerResponse) {
  const write = (given: object) => response.write(`data: ${JSON.stringify({ ...FRAME, ...given })}\n\n`);
  const choose = (delta: object, finish_reason: string | null = null) =>
    write({ choices: [{ index: 0, delta, finish_reason }] });
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  let finish = 'stop';
  return {
    say: (content: string) => choose({ role: 'assistant', content }),
    call(calls: readonly object[]) {
      finish = 'tool_calls';
      choose({ role: 'assistant', tool_calls: calls });
    },
    end() {
      choose({}, finish);
      const tokens = { prompt_tokens: SCRIPT_INPUT_TOKENS, completion_tokens: 2 };
      write({ choices: [], usage: { ...tokens, total_tokens: SCRIPT_INPUT_TOKENS + 2 } });
      response.end('data: [DONE]\n\n');
    },
  };
}

const FRAME = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'scripted' };

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  const parts = z.array(z.looseObject({ text: z.string().default('') })).safeParse(content);
  return parts.success ? parts.data.map(({ text }) => text).join('\n') : '';
}
