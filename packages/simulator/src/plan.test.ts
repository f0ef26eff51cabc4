import { describe, expect, test } from 'vitest';
import type { Conversation, Message, Part } from './conversation.ts';
import { plan } from './plan.ts';
import type { Block } from './tokens.ts';

function conversation(messages: Message[], more: Partial<Conversation> = {}): Conversation {
  return {
    model: 'simulator',
    stream: false,
    system: '',
    messages,
    tools: [],
    toolChoice: 'auto',
    schema: undefined,
    maxTokens: undefined,
    caching: false,
    ...more,
  };
}

function says(role: Message['role'], ...texts: string[]): Message {
  return { role, parts: texts.map((text): Part => ({ type: 'text', text })) };
}

function called(name: string): Message {
  return { role: 'assistant', parts: [{ type: 'tool-call', name }] };
}

function result(text: string, isError = false): Message {
  return { role: 'tool', parts: [{ type: 'tool-result', text, isError }] };
}

function answer(prompt: string, more: Partial<Conversation> = {}): string {
  return textOf(plan(conversation([says('user', prompt)], more)).blocks);
}

function textOf(blocks: Block[]): string {
  return blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');
}

const tools = [
  { name: 'add', schema: { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] } },
  { name: 'files__read', schema: { type: 'object' } },
  { name: 'mcp__web__search', schema: { type: 'object' } },
];

describe('prose', () => {
  test.each([
    ['hello', /^Hello!/],
    ['你好', /^你好/],
    ['What is the capital of France?', /You asked about the capital of France/],
    ['法国的首都是什么?', /你问的是“法国的首都是什么”/],
    ['write a python function', /```python\n/],
    ['show me a table', /\| --- \|/],
    ['a math formula', /\$\$\n/],
    ['画一个流程图', /```mermaid\n/],
    ['which tools do you have?', /No tools are offered/],
    ['which model are you?', /simulator/],
  ])('%s', (prompt, expected) => {
    expect(answer(prompt)).toMatch(expected);
    expect(answer(prompt)).toMatch(/demo model|演示模型/);
  });

  test('an echo is exact', () => {
    expect(answer('echo  a  b\n c')).toBe('a  b\n c');
    expect(answer('repeat: 3 words per second')).toBe('3 words per second');
    expect(answer('重复:你好')).toBe('你好');
  });

  test.each([1, 7, 300, 5000])('%i words are exactly as many', (count) => {
    expect(answer(`write ${count} words at 20 words per second`).split(/\s+/)).toHaveLength(count);
  });

  test('Chinese words are characters', () => {
    expect(answer('写300字').match(/\p{Script=Han}/gu)).toHaveLength(300);
  });

  test.each([
    ['300 words at 20 words per second', 20],
    ['12.5 tokens/s please', 12.5],
    ['每秒 30 个字', 30],
    ['300 words', undefined],
  ])('pace of %s', (prompt, pace) => {
    expect(plan(conversation([says('user', prompt)])).pace).toBe(pace);
  });

  test('thinks first when asked to', () => {
    const { blocks } = plan(conversation([says('user', 'think about trees')]));
    expect(blocks.map((block) => block.type)).toEqual(['reasoning', 'text']);
  });

  test('names what is attached', () => {
    const message = says('user', 'look');
    message.parts.push({ type: 'image', mediaType: 'image/png', bytes: 68 });
    message.parts.push({ type: 'document', name: 'a.pdf', mediaType: 'application/pdf', bytes: undefined });
    const text = textOf(plan(conversation([message])).blocks);
    expect(text).toContain('I see an image, image/png, 68 bytes.');
    expect(text).toContain('I see a document, a.pdf, application/pdf, given by reference.');
  });
});

describe('memory', () => {
  const history = [says('user', 'I like tea'), says('assistant', 'ok'), says('user', 'and cake')];

  test.each([
    ['What did I say before?', 'You said: “I like tea”, “and cake”.'],
    ['what did I say first?', '“I like tea”'],
    ['我刚才说了什么?', '“I like tea”、“and cake”'],
    ['How many messages were you sent?', 'I was sent 5 messages, 3 of them from you.'],
  ])('%s', (prompt, expected) => {
    const messages = [...history, says('assistant', 'fine'), says('user', prompt)];
    expect(textOf(plan(conversation(messages)).blocks)).toContain(expected);
  });

  test('merged user messages count one by one, an agent’s reminders do not', () => {
    const merged = says(
      'user',
      '[[fault 500]]',
      '<system-reminder>be nice</system-reminder>',
      'what did I say?',
    );
    expect(textOf(plan(conversation([merged])).blocks)).toContain('You said: “[[fault 500]]”.');
  });

  test('quotes its instructions', () => {
    expect(answer('what are your instructions?', { system: 'Be brief.' })).toContain('“Be brief.”');
  });
});

describe('scripts', () => {
  test('tools run one after another and are reported', () => {
    const prompt = says('user', '[[think hm]] [[tool add {"a":[[1]]}]] then [[tool read]]');
    const first = plan(conversation([prompt], { tools }));
    expect(first).toMatchObject({
      stop: 'tool',
      blocks: [
        { type: 'reasoning', text: 'hm' },
        { type: 'tool-call', name: 'add', input: '{"a":[[1]]}' },
      ],
    });
    const second = plan(conversation([prompt, called('add'), result('1')], { tools }));
    expect(second.blocks).toEqual([
      { type: 'text', text: 'The tool add returned: 1' },
      { type: 'tool-call', name: 'files__read', input: '{}' },
    ]);
    const messages = [prompt, called('add'), result('1'), called('files__read'), result('gone', true)];
    expect(plan(conversation(messages, { tools }))).toEqual({
      stop: 'end',
      pace: undefined,
      blocks: [{ type: 'text', text: 'The tool read failed: gone' }],
    });
  });

  test('tools called together are reported together; a say replaces the report', () => {
    const both = '[[tools-parallel add {"a":1} search {"q":"x"}]]';
    const { blocks } = plan(conversation([says('user', both)], { tools }));
    expect(blocks.map((block) => block.type === 'tool-call' && block.name)).toEqual([
      'add',
      'mcp__web__search',
    ]);
    const results: Message[] = [called('add'), result('1'), result('2')];
    const report = plan(conversation([says('user', both), ...results], { tools }));
    expect(textOf(report.blocks)).toBe('The tool add returned: 1\nThe tool search returned: 2');
    const said = plan(conversation([says('user', `${both} [[say done]]`), ...results], { tools }));
    expect(textOf(said.blocks)).toBe('done');
  });

  test('a tool that is not offered is named in prose, unless forced', () => {
    expect(answer('[[tool nope]]', { tools })).toContain(
      'nope is not offered to me. Offered: add, files__read',
    );
    expect(answer('[[tool add]]', { tools, toolChoice: 'none' })).toContain('Offered: none');
    expect(plan(conversation([says('user', '[[tool! nope]]')])).stop).toBe('tool');
  });

  test('a new prompt starts anew, whatever the script before', () => {
    const messages = [
      says('user', '[[tool add {"a":1}]]'),
      called('add'),
      result('1'),
      says('user', 'echo hi'),
    ];
    expect(textOf(plan(conversation(messages, { tools })).blocks)).toBe('hi');
  });

  test('steps call the tools offered with inputs that fit', () => {
    const { blocks } = plan(conversation([says('user', '[[steps 2]]')], { tools }));
    expect(blocks.at(-1)).toEqual({ type: 'tool-call', name: 'add', input: '{"a":0}' });
    const messages = [
      says('user', '[[steps 2]]'),
      called('add'),
      result('1'),
      called('files__read'),
      result('2'),
    ];
    expect(textOf(plan(conversation(messages, { tools })).blocks)).toBe('All steps are done.');
  });

  test('broken input and other double brackets are text', () => {
    expect(answer('[[tool add {"a":}]]', { tools })).toContain('I cannot read [[tool add {"a":}]]');
    expect(answer('echo [[Page]] and [[tool')).toBe('[[Page]] and [[tool');
  });
});

describe('structured output', () => {
  const schema = { type: 'object', properties: { kind: { enum: ['x', 'y'] } }, required: ['kind'] };

  test('fits the schema, or is what the prompt says', () => {
    expect(answer('hello', { schema })).toBe('{"kind":"x"}');
    expect(answer('[[json {"kind": "y"}]]', { schema })).toBe('{"kind": "y"}');
    expect(JSON.parse(answer('hello', { schema: {} }))).toHaveProperty('answer');
  });

  test('a forced tool is called', () => {
    const forced = plan(conversation([says('user', 'hi')], { tools, toolChoice: { name: 'add' } }));
    expect(forced.blocks).toEqual([{ type: 'tool-call', name: 'add', input: '{"a":0}' }]);
    const any = plan(conversation([says('user', '[[json {"a":4}]]')], { tools, toolChoice: 'required' }));
    expect(any.blocks).toEqual([{ type: 'tool-call', name: 'add', input: '{"a":4}' }]);
  });

  test('tools of a script go first', () => {
    const turn = plan(conversation([says('user', '[[tool add {"a":1}]]')], { tools, schema }));
    expect(turn.stop).toBe('tool');
  });
});

test('an answer ends at the token limit', () => {
  const turn = plan(conversation([says('user', '30 words')], { maxTokens: 4 }));
  expect(turn).toMatchObject({ stop: 'length', blocks: [{ text: 'This is the built-in' }] });
});
