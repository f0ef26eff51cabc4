import { expect, test } from 'vitest';
import { events, json, phases, post, startSimulator } from '../test/client.ts';

const tools = [{ name: 'add', input_schema: { type: 'object' } }];

function body(content: unknown, more: object = {}): object {
  return { model: 'simulator', max_tokens: 1000, messages: [{ role: 'user', content }], ...more };
}

test('streams blocks in order, with usage and stop reason', async () => {
  await using simulator = await startSimulator();
  const url = `${simulator.url}/v1/messages?beta=true`;
  const all = await events(
    post(url, body('[[think a b]] [[say c d]] [[tool add {"x":1}]]', { stream: true, tools })),
  );
  expect(all.every((event) => event.event === event.data.type)).toBe(true);
  expect(phases(all.map((event) => event.event))).toEqual([
    'message_start',
    'ping',
    ...Array.from({ length: 3 }, () => [
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
    ]).flat(),
    'message_delta',
    'message_stop',
  ]);
  expect(all[0]?.data).toMatchObject({
    message: { type: 'message', role: 'assistant', model: 'simulator', content: [], stop_reason: null },
  });
  const deltas = all.filter((event) => event.event === 'content_block_delta').map((event) => event.data);
  expect(deltas).toMatchObject([
    { index: 0, delta: { type: 'thinking_delta', thinking: 'a' } },
    { index: 0, delta: { type: 'thinking_delta', thinking: ' b' } },
    { index: 0, delta: { type: 'signature_delta' } },
    { index: 1, delta: { type: 'text_delta', text: 'c' } },
    { index: 1, delta: { type: 'text_delta', text: ' d' } },
    { index: 2, delta: { type: 'input_json_delta', partial_json: '{"x":1}' } },
  ]);
  expect(all.at(-2)?.data).toMatchObject({
    delta: { stop_reason: 'tool_use', stop_sequence: null },
    usage: { output_tokens: 5, output_tokens_details: { thinking_tokens: 2 } },
  });
});

test('answers without streaming', async () => {
  await using simulator = await startSimulator();
  const answer = await json(post(`${simulator.url}/v1/messages`, body('[[tool add {"x":1}]]', { tools })));
  expect(answer).toMatchObject({
    type: 'message',
    content: [{ type: 'tool_use', id: expect.stringMatching(/^toolu_/), name: 'add', input: { x: 1 } }],
    stop_reason: 'tool_use',
  });
});

test('reads what agents send: reminders, system messages, results, images, documents', async () => {
  await using simulator = await startSimulator();
  const source = { type: 'base64', media_type: 'image/png', data: Buffer.alloc(68).toString('base64') };
  const messages = [
    {
      role: 'user',
      content: [
        { type: 'text', text: '<system-reminder>context</system-reminder>' },
        { type: 'text', text: '[[tool add {"x":1}]]' },
        { type: 'image', source },
        { type: 'document', title: 'a.txt', source: { type: 'text', media_type: 'text/plain', data: 'hey' } },
      ],
    },
    { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'add', input: {} }] },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text: 'three' }], is_error: true },
        { type: 'text', text: '<system-reminder>more</system-reminder>' },
      ],
    },
    { role: 'system', content: 'environment' },
  ];
  const url = `${simulator.url}/v1/messages`;
  expect(await json(post(url, body('', { messages, tools })))).toMatchObject({
    content: [{ type: 'text', text: 'The tool add failed: three' }],
    stop_reason: 'end_turn',
  });
  const looked = body([...(messages[0]?.content.slice(2) ?? []), { type: 'text', text: 'look' }]);
  const { content } = await json(post(url, looked));
  expect(JSON.stringify(content)).toContain('I see an image, image/png, 68 bytes.');
  expect(JSON.stringify(content)).toContain('I see a document, a.txt, text/plain, 3 bytes.');
});

test('counts cached input apart', async () => {
  await using simulator = await startSimulator();
  const messages = [
    { role: 'user', content: 'word '.repeat(2000) },
    { role: 'assistant', content: 'ok' },
    { role: 'user', content: [{ type: 'text', text: 'hi', cache_control: { type: 'ephemeral' } }] },
  ];
  const { usage } = await json(post(`${simulator.url}/v1/messages`, body('', { messages })));
  expect(usage).toMatchObject({ cache_read_input_tokens: 2432, cache_creation_input_tokens: 0 });
  const { input_tokens: all } = await json(
    post(`${simulator.url}/v1/messages/count_tokens`, { model: 'simulator', messages }),
  );
  expect(usage).toHaveProperty('input_tokens', Number(all) - 2432);
});

test.each([
  [{ model: 'simulator' }, 'max_tokens: Field required'],
  [{ model: 'simulator', max_tokens: 1, messages: [] }, 'messages: at least one message is required'],
  [
    body('', { messages: [{ role: 'tool', content: '' }] }),
    "messages.0.role: Input should be 'user' or 'assistant'",
  ],
  ['text', 'We could not parse the JSON body of your request.'],
])('refuses %j', async (bad, message) => {
  await using simulator = await startSimulator();
  const response = await post(`${simulator.url}/v1/messages`, bad);
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ type: 'error', error: { type: 'invalid_request_error', message } });
});
