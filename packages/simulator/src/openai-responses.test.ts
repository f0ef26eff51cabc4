import { expect, test } from 'vitest';
import { events, json, phases, post, startSimulator } from '../test/client.ts';

const tools = [{ type: 'function', name: 'add', parameters: { type: 'object' } }];

test('streams numbered events in order', async () => {
  await using simulator = await startSimulator();
  const input = '[[think a b]] [[say c d]] [[tool add {"x":1}]]';
  const all = await events(
    post(`${simulator.url}/v1/responses`, { model: 'simulator', input, stream: true, tools }),
  );
  expect(all.map((event) => event.data.sequence_number)).toEqual(all.map((_, index) => index));
  expect(all.every((event) => event.event === event.data.type)).toBe(true);
  expect(phases(all.map((event) => event.event))).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.reasoning_summary_part.added',
    'response.reasoning_summary_text.delta',
    'response.reasoning_summary_text.done',
    'response.reasoning_summary_part.done',
    'response.output_item.done',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.output_item.added',
    'response.function_call_arguments.delta',
    'response.function_call_arguments.done',
    'response.output_item.done',
    'response.completed',
  ]);
  expect(all.at(-1)?.data.response).toMatchObject({
    object: 'response',
    status: 'completed',
    output: [
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'a b' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'c d' }] },
      { type: 'function_call', call_id: expect.stringMatching(/^call_/), name: 'add', arguments: '{"x":1}' },
    ],
    usage: { output_tokens: 5, output_tokens_details: { reasoning_tokens: 2 } },
  });
});

test('runs a tool loop over items and references', async () => {
  await using simulator = await startSimulator();
  const input = [
    { role: 'developer', content: 'Be brief.' },
    { role: 'user', content: [{ type: 'input_text', text: '[[tool add]] [[tool add]]' }] },
    { type: 'item_reference', id: 'rs_1' },
    { type: 'function_call', call_id: 'a', name: 'add', arguments: '{}' },
    { type: 'function_call_output', call_id: 'a', output: 'one' },
    { type: 'item_reference', id: 'fc_2' },
    { type: 'function_call_output', call_id: 'b', output: [{ type: 'input_text', text: 'two' }] },
  ];
  const answer = await json(post(`${simulator.url}/v1/responses`, { model: 'simulator', input, tools }));
  expect(answer).toMatchObject({ output: [{ content: [{ text: 'The tool add returned: two' }] }] });
});

test('an answer over the limit is incomplete', async () => {
  await using simulator = await startSimulator();
  const body = { model: 'simulator', input: '30 words', max_output_tokens: 3, stream: true };
  const all = await events(post(`${simulator.url}/v1/responses`, body));
  expect(all.at(-1)).toMatchObject({
    event: 'response.incomplete',
    data: { response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } } },
  });
});

test('fits a schema; keeps no earlier responses', async () => {
  await using simulator = await startSimulator();
  const url = `${simulator.url}/v1/responses`;
  const schema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] };
  const text = { format: { type: 'json_schema', name: 'x', schema } };
  const answer = await json(post(url, { model: 'simulator', input: 'hi', text }));
  expect(answer).toMatchObject({ output: [{ content: [{ text: '{"ok":true}' }] }] });
  const refused = await post(url, { model: 'simulator', input: 'hi', previous_response_id: 'resp_1' });
  expect(refused.status).toBe(400);
});
