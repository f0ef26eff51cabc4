import { type Conversation, offeredTools, promptOf, roundOf } from './conversation.ts';
import { instanceOf } from './instance.ts';
import { readMarkers } from './markers.ts';
import { paceOf, proseFor, thoughtFor } from './prose.ts';
import { type Call, compileScript, findTool, reportResults, type Step } from './scripts.ts';
import { type Block, limitTurn, type Turn } from './tokens.ts';

/** Decides what the model does next. Pure: the same conversation gets the same turn. */
export function plan(conversation: Conversation): Turn {
  const { markers, rest } = readMarkers(promptOf(conversation).text);
  const steps = compileScript(markers, conversation);
  const round = Math.min(roundOf(conversation), steps.length - 1);
  const step = steps[round] ?? { blocks: [], calls: [], json: undefined };
  const blocks = blocksFor({ conversation, step, before: steps[round - 1]?.calls ?? [], rest });
  const stop = blocks.some((block) => block.type === 'tool-call') ? 'tool' : 'end';
  return limitTurn({ blocks, stop, pace: paceOf(rest) }, conversation.maxTokens);
}

interface Situation {
  conversation: Conversation;
  step: Step;
  /** The calls of the turn before, whose results are there now. */
  before: Call[];
  /** The prompt without its markers. */
  rest: string;
}

function blocksFor({ conversation, step, before, rest }: Situation): Block[] {
  const called = step.calls.map((call) => callBlock(call, conversation));
  const calls = called.some((block) => block.type === 'tool-call');
  const structured = calls ? undefined : structuredAnswer({ conversation, step, before, rest });
  if (structured !== undefined)
    return [...step.blocks.filter((block) => block.type === 'reasoning'), structured];

  const blocks = [...step.blocks];
  if (step.json !== undefined) blocks.push({ type: 'text', text: step.json });
  const silent = !blocks.some((block) => block.type === 'text');
  if (silent && before.length > 0) blocks.push({ type: 'text', text: reportResults(before, conversation) });
  else if (silent && called.length === 0) {
    blocks.push(...thoughtFor(rest), { type: 'text', text: proseFor(conversation, rest) });
  }
  return [...blocks, ...called];
}

/** A call as a block, or, of a tool that is not offered, a sentence that says so. */
function callBlock(call: Call, conversation: Conversation): Block {
  const tools = offeredTools(conversation);
  const tool = findTool(call.name, tools);
  if (tool !== undefined || call.forced) {
    return { type: 'tool-call', name: tool?.name ?? call.name, input: call.input };
  }
  const offered = tools.map((each) => each.name).join(', ') || 'none';
  return { type: 'text', text: `The tool ${call.name} is not offered to me. Offered: ${offered}.` };
}

/** The block that a schema or a forced tool choice demands, if the request has one. */
function structuredAnswer({ conversation, step, rest }: Situation): Block | undefined {
  const { schema, toolChoice } = conversation;
  const sample =
    rest
      .slice(0, 2000)
      .replace(/<[^>]*>/g, ' ')
      .trim()
      .split(/\s+/)
      .slice(0, 6)
      .join(' ') || 'text';
  const tools = offeredTools(conversation);
  if (toolChoice !== 'auto' && toolChoice !== 'none') {
    // The AI SDK asks for objects by a tool of the name "json" where a model has no other way.
    const wanted = toolChoice === 'required' ? 'json' : toolChoice.name;
    const tool = findTool(wanted, tools) ?? tools[0];
    if (tool === undefined) return undefined;
    const input = step.json ?? JSON.stringify(instanceOf({ type: 'object', ...tool.schema }, sample));
    return { type: 'tool-call', name: tool.name, input };
  }
  if (schema === undefined) return undefined;
  const value =
    Object.keys(schema).length === 0 ? { answer: proseFor(conversation, rest) } : instanceOf(schema, sample);
  return { type: 'text', text: step.json ?? JSON.stringify(value) };
}
