import { expect, test } from 'vitest';
import { events, json, post, startSimulator } from '../test/client.ts';

const tools = [{ type: 'function', function: { name: 'add', parameters: { type: 'object' } } }];

function body(content: unknown, more: object = {}): object {
  return { model: 'simulator', messages: [{ role: 'user', content }], ...more };
}

test('streams deltas, a finish reason, usage and [DONE]', async () => {
  await using simulator = await startSimulator();
  const more = { stream: true, stream_options: { include_usage: true }, tools };
  const all = await events(
    post(`${simulator.url}/v1/chat/completions`, body('[[think a]] [[say b c]] [[tool add {"x":1}]]', more)),
  );
  expect(all.map((event) => event.data).slice(0, -2)).toMatchObject([
    { choices: [{ delta: { role: 'assistant', content: null }, finish_reason: null }], usage: null },
    { choices: [{ delta: { reasoning_content: 'a' } }] },
    { choices: [{ delta: { content: 'b' } }] },
    { choices: [{ delta: { content: ' c' } }] },
    {
      choices: [
        {
          delta: {
            tool_calls: [
              { index: 0, id: expect.stringMatching(/^call_/), function: { name: 'add', arguments: '' } },
            ],
          },
        },
      ],
    },
    { choices: [{ delta: { tool_calls: [{ index: 0, function: { arguments: '{"x":1}' } }] } }] },
    { choices: [{ delta: {}, finish_reason: 'tool_calls' }], usage: null },
  ]);
  expect(all.at(-2)?.data).toMatchObject({
    object: 'chat.completion.chunk',
    choices: [],
    usage: { completion_tokens: 4, completion_tokens_details: { reasoning_tokens: 1 } },
  });
  expect(all.at(-1)?.data).toEqual({ done: true });
});

test('leaves usage out unless asked', async () => {
  await using simulator = await startSimulator();
  const all = await events(post(`${simulator.url}/v1/chat/completions`, body('echo a', { stream: true })));
  expect(all.some((event) => 'usage' in event.data)).toBe(false);
  expect(all.map((event) => event.data).at(0)).toMatchObject({ choices: [{ delta: { content: '' } }] });
});

test('answers without streaming; developer messages are instructions', async () => {
  await using simulator = await startSimulator();
  const messages = [
    { role: 'developer', content: 'Be brief.' },
    { role: 'user', content: 'what are your instructions?' },
  ];
  const answer = await json(post(`${simulator.url}/v1/chat/completions`, body('', { messages })));
  expect(answer).toMatchObject({
    object: 'chat.completion',
    choices: [
      {
        message: { role: 'assistant', content: expect.stringContaining('Be brief.') },
        finish_reason: 'stop',
      },
    ],
  });
});

test('runs a tool loop', async () => {
  await using simulator = await startSimulator();
  const call = { id: 'c', type: 'function', function: { name: 'add', arguments: '{}' } };
  const messages = [
    { role: 'user', content: '[[tool add]]' },
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: 'c', content: 'three' },
  ];
  const answer = await json(post(`${simulator.url}/v1/chat/completions`, body('', { messages, tools })));
  expect(answer).toMatchObject({ choices: [{ message: { content: 'The tool add returned: three' } }] });
});

test('sees images and files', async () => {
  await using simulator = await startSimulator();
  const data = Buffer.alloc(10).toString('base64');
  const content = [
    { type: 'text', text: 'look' },
    { type: 'image_url', image_url: { url: `data:image/jpeg;base64,${data}` } },
    { type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${data}` } },
  ];
  const answer = JSON.stringify(await json(post(`${simulator.url}/v1/chat/completions`, body(content))));
  expect(answer).toContain('image/jpeg, 10 bytes');
  expect(answer).toContain('a.pdf, application/pdf, 10 bytes');
});

test('fits a schema', async () => {
  await using simulator = await startSimulator();
  const schema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] };
  const format = { response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } };
  const answer = await json(post(`${simulator.url}/v1/chat/completions`, body('hi', format)));
  expect(answer).toMatchObject({ choices: [{ message: { content: '{"ok":true}' } }] });
});
