import { describe, expect, it } from 'vitest';
import { readMessage } from './messages.ts';

describe('readMessage', () => {
  it.each([
    {
      type: 'assistant',
      message: { id: 'm', content: [{ type: 'text', text: 'a' }] },
      parent_tool_use_id: null,
    },
    { type: 'user', message: { content: 'interrupted' } },
    { type: 'user', message: { content: [{ type: 'text', text: 'a' }] } },
    { type: 'result', subtype: 'success', is_error: false, api_error_status: null },
    { type: 'stream_event', event: { type: 'content_block_stop', index: 1 } },
    { type: 'system', subtype: 'init', session_id: 's' },
  ])('reads %j', (message) => {
    expect(readMessage({ ...message, something_new: { a: 1 } })).toMatchObject(message);
  });

  it.each([
    undefined,
    null,
    'text',
    { type: 'something_new' },
    { type: 'system', subtype: 'toString' },
    { type: 'constructor' },
    { type: 'stream_event', event: { type: 'something_new' } },
    { type: 'assistant', message: 7 },
  ])('ignores %j', (message) => {
    expect(readMessage(message)).toBeUndefined();
  });
});
