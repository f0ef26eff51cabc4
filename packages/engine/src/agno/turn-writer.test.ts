import type { ExecutionEvent, ModelEndpoint } from '@wegent/api';
import { describe, expect, it } from 'vitest';
import type { AgnoEvent } from './bridge-messages.ts';
import { createTurnWriter } from './turn-writer.ts';

const model: ModelEndpoint = {
  ...{ name: 'm', protocol: 'anthropic', modelId: 'm', headers: {}, env: {}, capabilities: {} },
  pricing: { input: 1, output: 1 },
};
const counts = { input: 10, output: 5, reasoning: 1, cacheRead: 20, cacheWrite: 30 };

function write(events: Omit<AgnoEvent, 'run'>[], protocol: ModelEndpoint['protocol'] = 'anthropic') {
  const written: ExecutionEvent[] = [];
  const writer = createTurnWriter({
    attempt: 2,
    model: { ...model, protocol },
    titleOf: (tool) => `Title of ${tool}`,
    emit: (event) => written.push(event),
  });
  for (const event of events) writer.write({ ...event, run: 'r' });
  writer.end();
  return written.map((event) => ('durationMs' in event ? { ...event, durationMs: 0 } : event));
}

const tool = { id: 'x', name: 'calc', input: { a: 1 }, output: 'no', isError: true };

describe('createTurnWriter', () => {
  it('writes thoughts and text as blocks, and skips what is empty', () => {
    const written = write([
      { event: 'ModelRequestStarted' },
      { event: 'RunContent', reasoning: 'hm', content: '' },
      { event: 'RunContent', reasoning: '', content: 'yes' },
      { event: 'RunContent', content: '!' },
      { event: 'ModelRequestCompleted' },
      { event: 'RunCompleted', content: 'yes!' },
    ]);
    expect(written).toEqual([
      { type: 'reasoning-start', blockId: 'a2-r1' },
      { type: 'reasoning-delta', blockId: 'a2-r1', text: 'hm' },
      { type: 'reasoning-end', blockId: 'a2-r1', durationMs: 0 },
      { type: 'text-start', blockId: 'a2-t1' },
      { type: 'text-delta', blockId: 'a2-t1', text: 'yes' },
      { type: 'text-delta', blockId: 'a2-t1', text: '!' },
      { type: 'text-end', blockId: 'a2-t1' },
    ]);
  });

  it('takes back what a broken request said', () => {
    const written = write([
      { event: 'ModelRequestStarted' },
      { event: 'RunContent', content: 'ha' },
      { event: 'ModelRequestStarted' },
      { event: 'RunContent', content: 'half' },
      { event: 'ModelRequestCompleted' },
    ]);
    expect(written.map(({ type }) => type)).toEqual([
      ...['text-start', 'text-delta', 'block-reset'],
      ...['text-start', 'text-delta', 'text-end'],
    ]);
  });

  it('writes the whole answer when nothing of it was streamed', () => {
    expect(write([{ event: 'RunCompleted', content: 'all' }])).toContainEqual({
      ...{ type: 'text-delta', blockId: 'a2-t1', text: 'all' },
    });
  });

  it('tells a failed call once, and ends one that never answered', () => {
    const written = write([
      { event: 'ToolCallStarted', tool },
      { event: 'ToolCallStarted', tool: { ...tool, id: 'y' } },
      { event: 'ToolCallCompleted', tool },
      { event: 'ToolCallError', tool },
    ]);
    expect(written).toEqual([
      { type: 'tool-call', blockId: 'a2-c1', tool: 'calc', title: 'Title of calc', input: { a: 1 } },
      { type: 'tool-call', blockId: 'a2-c2', tool: 'calc', title: 'Title of calc', input: { a: 1 } },
      { type: 'tool-output', blockId: 'a2-c1', output: 'no', isError: true, durationMs: 0 },
      {
        ...{ type: 'tool-output', blockId: 'a2-c2', isError: true, durationMs: 0 },
        output: 'The call was stopped before it had a result.',
      },
    ]);
  });

  it.each([
    ['anthropic', 60],
    ['openai-chat', 10],
  ] as const)('counts what came from the cache among the input, over %s', (protocol, inputTokens) => {
    expect(write([{ event: 'ModelRequestCompleted', usage: counts }], protocol)).toEqual([
      {
        ...{ type: 'usage', inputTokens, cachedInputTokens: 20, outputTokens: 5, reasoningTokens: 1 },
        costUsd: expect.any(Number),
      },
    ]);
  });
});
