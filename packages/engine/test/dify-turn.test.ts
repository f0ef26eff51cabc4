import {
  type DifyStep,
  type FakeDify,
  type FakeDifyMode,
  nodeFinished,
  nodeStarted,
  startFakeDify,
  storedMessage,
  workflowFinished,
  workflowRecord,
  workflowStarted,
} from '@wegent/testing';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { difySpec, runDify } from './dify-harness.ts';

let dify: FakeDify;
beforeEach(async () => {
  dify = await startFakeDify();
});
afterEach(() => dify[Symbol.asyncDispose]());

/** A chat message event. */
const say = (answer: string): DifyStep => ({ event: 'message', answer });
const end = (metadata: object = {}): DifyStep => ({ event: 'message_end', metadata });

describe.each<FakeDifyMode>(['chat', 'agent-chat', 'advanced-chat', 'agent', 'workflow', 'completion'])(
  'an application of mode %s',
  (mode) => {
    it.each([undefined, 1, 7])('answers, cut into pieces of %s bytes', async (chunkBytes) => {
      dify.mode = mode;
      dify.chunkBytes = chunkBytes;
      dify.form =
        mode === 'workflow' ? [{ paragraph: { variable: 'query', label: 'Q', required: true } }] : [];
      const ran = await runDify(difySpec(dify, 'Grüße, 你好 👋🏽 — "fine"'));
      expect(ran.failure).toBeUndefined();
      expect(ran.text).toBe('You said: Grüße, 你好 👋🏽 — "fine"');
      expect(ran.fold.usage?.inputTokens).toBeGreaterThanOrEqual(100);
      expect(ran.fold.blocks.every((block) => !('done' in block) || block.done)).toBe(true);
      const [run] = dify.runs;
      expect(run?.user).toBe('task-one');
      const isChat = mode !== 'workflow' && mode !== 'completion';
      expect(ran.session).toBe(isChat ? run?.conversationId : undefined);
      expect(dify.stopped).toEqual([]);
    });
  },
);

test('the base URL is taken with and without /v1, with a slash, and with a call behind it', async () => {
  for (const address of ['', '/', '/v1', '/v1/', '/v1/chat-messages']) {
    const ran = await runDify(
      difySpec(dify, 'hello', (spec) => {
        if (spec.model) spec.model.env.DIFY_BASE_URL = `${dify.origin}${address}`;
      }),
    );
    expect([address, ran.text]).toEqual([address, 'You said: hello']);
  }
});

test('key, trace and streaming are asked for as documented', async () => {
  await runDify(difySpec(dify, 'hello'));
  const call = dify.requests.find(({ path }) => path === '/chat-messages');
  expect(call?.headers).toMatchObject({ authorization: `Bearer ${dify.key}`, 'x-trace-id': 'execution-1' });
  expect(call?.body).toEqual({
    inputs: {},
    query: 'hello',
    response_mode: 'streaming',
    auto_generate_name: false,
    user: 'task-one',
  });
});

test('an old server that tells no mode is tried until its mode is found', async () => {
  dify.mode = 'workflow';
  dify.form = [{ 'text-input': { variable: 'query', label: 'Q', required: true } }];
  dify.refusals.push({ path: /^\/info/, status: 404, body: { code: 'not_found', message: '' } });
  const ran = await runDify(difySpec(dify, 'hello'));
  expect(ran.failure).toBeUndefined();
  expect(ran.text).toBe('You said: hello');
});

describe('events', () => {
  it('books the price of message_end in dollars, and no other currency', async () => {
    const ran = await runDify(difySpec(dify, 'x'));
    expect(ran.fold.usage).toEqual({
      inputTokens: 100,
      cachedInputTokens: 0,
      outputTokens: 20,
      reasoningTokens: 0,
      costUsd: 0.00014,
    });
    dify.script = () => [
      say('x'),
      end({ usage: { prompt_tokens: 5, completion_tokens: 6, total_price: '0.1', currency: 'RMB' } }),
    ];
    const other = await runDify(
      difySpec(dify, 'x', (spec) => {
        if (spec.model) spec.model.pricing = { input: 1, output: 2 };
      }),
    );
    expect(other.fold.usage).toMatchObject({ inputTokens: 5, outputTokens: 6, costUsd: 17e-6 });
  });

  it('message_replace takes the answer back', async () => {
    dify.script = () => [
      say('something '),
      say('bad'),
      { event: 'message_replace', answer: 'I may not say that.', reason: 'output_moderation' },
      end(),
    ];
    const ran = await runDify(difySpec(dify, 'x'));
    expect(ran.text).toBe('I may not say that.');
    expect(ran.events).toContainEqual({ type: 'block-reset', blockId: 'b1' });
    expect(ran.events).toContainEqual(expect.objectContaining({ type: 'warning', code: 'AnswerReplaced' }));
  });

  it('agent_thought becomes one step for each tool, however often it comes', async () => {
    dify.mode = 'agent-chat';
    const thought = {
      event: 'agent_thought',
      id: 't1',
      position: 1,
      thought: 'Let me look',
      tool: 'weather;clock',
      tool_labels: { weather: { en_US: 'Weather' } },
      tool_input: '{"weather": {"city": "Bonn"}, "clock": {}}',
      observation: '',
    };
    dify.script = () => [
      { event: 'agent_message', answer: 'Let me look' },
      { ...thought, tool: '', tool_input: '' },
      thought,
      { ...thought, observation: '{"weather": "sunny", "clock": "12:00"}' },
      { ...thought, observation: '{"weather": "sunny", "clock": "12:00"}' },
      { event: 'agent_message', answer: 'It is sunny.' },
      end(),
    ];
    const ran = await runDify(difySpec(dify, 'x'));
    expect(ran.fold.blocks).toMatchObject([
      { type: 'text', text: 'Let me look' },
      {
        type: 'tool',
        tool: 'weather',
        title: 'Weather',
        input: { city: 'Bonn' },
        output: 'sunny',
        done: true,
      },
      { type: 'tool', tool: 'clock', title: 'clock', output: '12:00', isError: false },
      { type: 'text', text: 'It is sunny.' },
    ]);
  });

  it('a thought is the answer where nothing else came', async () => {
    dify.mode = 'agent-chat';
    dify.script = () => [{ event: 'agent_thought', id: 't1', thought: 'The answer is 4.', tool: '' }, end()];
    expect((await runDify(difySpec(dify, 'x'))).text).toBe('The answer is 4.');
  });

  it('message_file and sources are shown; addresses belong to the server or are http', async () => {
    dify.script = () => [
      say('see'),
      {
        event: 'message_file',
        id: 'f',
        type: 'image',
        belongs_to: 'assistant',
        url: '/files/a%20b.png?sign=1',
      },
      {
        event: 'message_file',
        id: 'g',
        type: 'image',
        belongs_to: 'user',
        url: 'https://x.example/mine.png',
      },
      { event: 'message_file', id: 'h', type: 'image', belongs_to: 'assistant', url: 'javascript:alert(1)' },
      end({ retriever_resources: [{ position: 1, document_name: 'Handbook', content: 'page 3' }] }),
    ];
    const ran = await runDify(difySpec(dify, 'x'));
    expect(ran.text).toBe(`see\n\n[a b.png](<${dify.origin}/files/a%20b.png?sign=1>)`);
    expect(ran.fold.blocks.at(-1)).toMatchObject({
      type: 'tool',
      tool: 'knowledge-retrieval',
      output: [{ position: 1, document_name: 'Handbook', content: 'page 3' }],
    });
  });

  it('ping, tts, branches and what nobody knows yet change nothing', async () => {
    dify.script = () => [
      'ping',
      { raw: ': comment\n\n' },
      { raw: 'data: not json\n\n' },
      { raw: 'data:{"event":5}\r\n\r\n' },
      say('a'),
      { event: 'tts_message', audio: 'qqqq' },
      { event: 'parallel_branch_started', data: 7 },
      { event: 'brand_new', data: {} },
      say('b'),
      end(),
      { event: 'tts_message_end', audio: '' },
    ];
    const ran = await runDify(difySpec(dify, 'x'));
    expect(ran.text).toBe('ab');
    expect(ran.fold.blocks).toHaveLength(1);
  });

  it('<think> becomes reasoning', async () => {
    dify.script = () => [say('<th'), say('ink>hm, 1 <'), say(' 2</thi'), say('nk>\n\nYes <think>'), end()];
    const ran = await runDify(difySpec(dify, 'x'));
    expect(ran.fold.blocks).toMatchObject([
      { type: 'reasoning', text: 'hm, 1 < 2', done: true },
      { type: 'text', text: 'Yes <think>', done: true },
    ]);
  });

  it('nodes, iterations and loops of a workflow become steps', async () => {
    dify.mode = 'workflow';
    dify.script = (run) => [
      workflowStarted(run),
      nodeStarted('n1', 'start', 'Start'),
      nodeFinished('n1', 'start', 'Start'),
      nodeStarted('n2', 'http-request', 'Fetch', { inputs: { url: 'u' } }),
      {
        event: 'node_retry',
        data: { id: 'n2', node_type: 'http-request', title: 'Fetch', error: '503', retry_index: 1 },
      },
      nodeFinished('n2', 'http-request', 'Fetch', { outputs: { body: 'ok' }, elapsed_time: 1.5 }),
      nodeStarted('n3', 'code', 'Compute'),
      nodeFinished('n3', 'code', 'Compute', { status: 'exception', error: 'ZeroDivisionError' }),
      {
        event: 'iteration_started',
        data: { id: 'i1', node_id: 'it', node_type: 'iteration', title: 'Each', inputs: {} },
      },
      { event: 'iteration_next', data: { id: 'i1', node_id: 'it', title: 'Each', index: 0 } },
      { event: 'iteration_next', data: { id: 'i1', node_id: 'it', title: 'Each', index: 1 } },
      {
        event: 'iteration_completed',
        data: {
          id: 'i1',
          node_id: 'it',
          node_type: 'iteration',
          title: 'Each',
          outputs: { out: [1, 2] },
          status: 'succeeded',
        },
      },
      { event: 'loop_started', data: { id: 'l1', node_type: 'loop', title: 'Again' } },
      { event: 'loop_next', data: { id: 'l1', title: 'Again', index: 0 } },
      { event: 'loop_completed', data: { id: 'l1', node_type: 'loop', title: 'Again', status: 'succeeded' } },
      { event: 'agent_log', data: { id: 'a', label: 'Round 1', status: 'success' } },
      workflowFinished(run, {
        status: 'partial-succeeded',
        exceptions_count: 1,
        outputs: { summary: 'All well', rows: [1], none: null },
      }),
    ];
    const ran = await runDify(difySpec(dify, 'x'));
    expect(ran.failure).toBeUndefined();
    expect(ran.fold.blocks.filter((block) => block.type === 'tool')).toMatchObject([
      {
        blockId: 'node-n2',
        tool: 'http-request',
        title: 'Fetch',
        input: { url: 'u' },
        output: { body: 'ok' },
        durationMs: 1500,
        isError: false,
      },
      { blockId: 'node-n3', tool: 'code', output: 'ZeroDivisionError', isError: true },
      { blockId: 'node-i1', tool: 'iteration', output: { out: [1, 2] }, isError: false },
      { blockId: 'node-l1', tool: 'loop', isError: false },
    ]);
    expect(ran.events.filter((event) => event.type === 'phase').map((event) => event.text)).toEqual([
      'Workflow started',
      'Start',
      'Each 1',
      'Each 2',
      'Again 1',
      'Round 1',
    ]);
    expect(ran.events.filter((event) => event.type === 'warning').map(({ code }) => code)).toEqual([
      'MessageNotUsed',
      'StepRepeated',
      'PartlyFailed',
    ]);
    expect(ran.text).toBe('**summary**\n\nAll well\n\n**rows**\n\n```json\n[\n  1\n]\n```');
  });

  it('outputs that were streamed are not shown twice', async () => {
    dify.mode = 'workflow';
    const chunk = (text: string, node: string): DifyStep => ({
      event: 'text_chunk',
      data: { text, from_variable_selector: [node, 'text'] },
    });
    dify.script = (run) => [
      workflowStarted(run),
      chunk('one ', 'a'),
      chunk('two', 'a'),
      chunk('three', 'b'),
      workflowFinished(run, { outputs: { a: 'one two', b: 'three' } }),
    ];
    expect((await runDify(difySpec(dify, 'x'))).text).toBe('one two\n\nthree');
  });

  it('text_replace and reasoning_chunk of workflows', async () => {
    dify.mode = 'workflow';
    dify.script = (run) => [
      workflowStarted(run),
      { event: 'reasoning_chunk', data: { reasoning: 'hm', node_id: 'n', is_final: false } },
      { event: 'text_chunk', data: { text: 'bad' } },
      { event: 'text_replace', data: { text: 'good' } },
      workflowFinished(run, { outputs: { text: 'good' } }),
    ];
    const ran = await runDify(difySpec(dify, 'x'));
    expect(ran.text).toBe('good');
    expect(ran.fold.blocks).toContainEqual(
      expect.objectContaining({ type: 'reasoning', text: 'hm', done: true }),
    );
  });

  it.each(['message_end only', 'workflow_finished only'])('a chatflow may end with %s', async (which) => {
    dify.mode = 'advanced-chat';
    let hold = () => {};
    const held = new Promise<void>((resolve) => {
      hold = resolve;
    });
    dify.script = (run) => [
      workflowStarted(run),
      say('hello'),
      which === 'message_end only' ? end() : workflowFinished(run, { outputs: { answer: 'hello' } }),
      () => held,
    ];
    const ran = await runDify(difySpec(dify, 'x'));
    hold();
    expect(ran.failure).toBeUndefined();
    expect(ran.text).toBe('hello');
  });

  it('asks people for what a workflow waits for, and goes on', async () => {
    dify.mode = 'workflow';
    dify.script = (run) => [
      workflowStarted(run),
      {
        event: 'human_input_required',
        data: {
          form_id: 'f',
          node_title: 'Review',
          form_content: 'Is this **right**?',
          inputs: [{ type: 'paragraph', output_variable_name: 'comment' }],
          actions: [
            { id: 'yes', title: 'Approve' },
            { id: 'no', title: 'Reject' },
          ],
          form_token: 'form-abc',
        },
      },
      { event: 'workflow_paused', data: { workflow_run_id: run.workflowRunId, status: 'paused' } },
    ];
    dify.continuation = (run) => [
      { event: 'human_input_form_filled', data: { action_id: 'no' } },
      workflowFinished(run, { outputs: { text: 'rejected' } }),
    ];
    const listening = Promise.withResolvers<(input: never) => void>();
    const ran = await runDify(difySpec(dify, 'x'), {
      onListener: (listener) => listening.resolve(listener),
      onEvent: (event) => {
        if (event.type !== 'question') return;
        const { questionId } = event;
        const answers = { 'input:comment': 'not yet', action: 'no' };
        const answer = { type: 'answer', id: 'i', by: 'ada', questionId, answers };
        void listening.promise.then((listener) => listener(answer as never));
      },
    });
    expect(ran.failure).toBeUndefined();
    expect(ran.text).toBe('rejected');
    expect(ran.events.find((event) => event.type === 'question')).toMatchObject({
      questions: [
        { id: 'input:comment', text: 'Review\n\nIs this **right**?\n\ncomment' },
        {
          id: 'action',
          options: [
            { value: 'yes', label: 'Approve' },
            { value: 'no', label: 'Reject' },
          ],
        },
      ],
    });
    expect(dify.forms.get('form-abc')).toEqual({
      inputs: { comment: 'not yet' },
      action: 'no',
      user: 'task-one',
    });
  });
});

describe('conversations', () => {
  it('go on under the id that the run before told', async () => {
    const first = await runDify(difySpec(dify, 'one'));
    await runDify(
      difySpec(dify, 'two', (spec) => {
        spec.history = [
          { id: 'q1', role: 'user', text: 'one' },
          { id: 'a1', role: 'assistant', text: first.text },
        ];
        spec.session = { id: first.session ?? '', after: 'a1' };
      }),
    );
    expect(dify.runs.at(-1)).toMatchObject({ conversationId: first.session, said: ['one', 'two'] });
  });

  it('a new one is told what was said, and a known one what it has not heard', async () => {
    const history = [
      { id: 'q1', role: 'user' as const, text: 'I am Ada' },
      { id: 'a1', role: 'assistant' as const, text: 'Hello Ada' },
      { id: 'q2', role: 'user' as const, text: 'to somebody else', sender: 'ben' },
    ];
    await runDify(difySpec(dify, 'who am I?', (spec) => void Object.assign(spec, { history })));
    expect(dify.runs[0]?.query).toBe(
      'Earlier in this conversation:\n\nUser: I am Ada\n\nYou: Hello Ada\n\nUser: ben: to somebody else\n\nThe message to answer now:\n\nwho am I?',
    );
    const session = { id: dify.runs[0]?.conversationId ?? '', after: 'a1' };
    await runDify(difySpec(dify, 'and now?', (spec) => void Object.assign(spec, { history, session })));
    expect(dify.runs[1]?.query).toBe(
      'Earlier in this conversation:\n\nUser: ben: to somebody else\n\nThe message to answer now:\n\nand now?',
    );
  });

  it('one that the server lost is begun anew, and people are told', async () => {
    const ran = await runDify(
      difySpec(dify, 'two', (spec) => {
        spec.history = [{ id: 'q1', role: 'user', text: 'one' }];
        spec.session = { id: '00000000-0000-4000-8000-000000000000', after: 'q1' };
      }),
    );
    expect(ran.failure).toBeUndefined();
    expect(ran.events).toContainEqual(expect.objectContaining({ type: 'warning', code: 'ConversationLost' }));
    expect(dify.runs).toHaveLength(1);
    expect(dify.runs[0]?.query).toContain('User: one');
    expect(ran.session).toBe(dify.runs[0]?.conversationId);
  });
});

describe('in a Team', () => {
  const teamPrompt = 'Translate it.';
  const change = (spec: ReturnType<typeof difySpec>) =>
    void Object.assign(spec, { teamPrompt, systemPrompt: `You are kind.\n\n${teamPrompt}` });

  it('what the Team wants goes with the message, once, and the Ghost stays out of it', async () => {
    await runDify(difySpec(dify, 'hello', change));
    expect(dify.runs[0]?.query).toBe('Translate it.\n\nThe message to answer now:\n\nhello');
    dify.form = [{ paragraph: { variable: 'instructions', label: 'I', required: true } }];
    await runDify(difySpec(dify, 'hello', change));
    expect(dify.runs[1]).toMatchObject({
      query: 'hello',
      inputs: { instructions: 'You are kind.\n\nTranslate it.' },
    });
  });

  it('a leader that cannot delegate says so', async () => {
    const team = { members: [{ name: 'm', description: '' }], parallel: 1 };
    const ran = await runDify(difySpec(dify, 'hello', (spec) => void Object.assign(spec, { team })));
    expect(ran.events).toContainEqual(expect.objectContaining({ type: 'warning', code: 'CannotDelegate' }));
    expect(ran.text).toBe('You said: hello');
  });
});

describe('inputs and files', () => {
  const form = [
    { 'text-input': { variable: 'city', label: 'City', required: true, max_length: 10, default: '' } },
    { select: { variable: 'tone', label: 'Tone', required: false, options: ['formal', 'plain'] } },
    { number: { variable: 'count', label: 'Count', required: false } },
    { checkbox: { variable: 'polite', label: 'Polite', required: false } },
    { external_data_tool: { variable: 'auto', label: 'Auto', required: true } },
  ];
  const withParams = (params: unknown, text = 'hello') =>
    difySpec(dify, text, (spec) => {
      if (spec.model)
        spec.model.env.DIFY_PARAMS = typeof params === 'string' ? params : JSON.stringify(params);
    });

  it('DIFY_PARAMS fill the form, by its types', async () => {
    dify.form = form;
    const ran = await runDify(withParams({ city: 'Bonn', tone: '', count: '3', polite: 'yes', other: 1 }));
    expect(ran.failure).toBeUndefined();
    expect(dify.runs[0]?.inputs).toEqual({ city: 'Bonn', count: 3, polite: true });
    expect(ran.events).toContainEqual({
      type: 'warning',
      code: 'UnknownInput',
      message: 'The Dify application “Fake” has no input “other”; it has “city”, “tone”, “count”, “polite”.',
    });
  });

  it.each([
    ['not json', 'DIFY_PARAMS of “app” is not a JSON object'],
    ['[1]', 'DIFY_PARAMS of “app” is not a JSON object'],
    [{}, 'The input “city” (City) of the Dify application “Fake” is required and has no value'],
    [{ city: 'a'.repeat(11) }, 'takes 10 characters and would get 11'],
    [{ city: 'x', tone: 'rude' }, 'must be one of “formal”, “plain” and is “rude”'],
    [{ city: 'x', count: 'many' }, 'must be a number'],
    [{ city: 'x', polite: 'perhaps' }, 'must be true or false'],
  ])('%j is refused before anything is sent', async (params, message) => {
    dify.form = form;
    const ran = await runDify(withParams(params));
    expect(ran.failure).toMatchObject({ reason: 'ModelBadRequest', retryable: false });
    expect(ran.failure?.message).toContain(message);
    expect(dify.runs).toEqual([]);
  });

  it('what the person filled in goes along, and the Model has the last word', async () => {
    dify.form = [...form, { json_object: { variable: 'extra', label: 'Extra', required: false } }];
    const ran = await runDify(
      difySpec(dify, 'hello', (spec) => {
        if (spec.model) spec.model.env.DIFY_PARAMS = JSON.stringify({ tone: 'plain' });
        spec.options.inputs = {
          city: 'Bonn',
          tone: 'formal',
          count: 3,
          polite: false,
          extra: '{"a":1}',
          foreign: 'of another application',
        };
      }),
    );
    expect(ran.failure).toBeUndefined();
    expect(dify.runs[0]?.inputs).toEqual({
      city: 'Bonn',
      tone: 'plain',
      count: 3,
      polite: false,
      extra: { a: 1 },
    });
    expect(ran.events.filter(({ type }) => type === 'warning')).toEqual([]);
  });

  it.each([
    [{ city: ['an-id'] }, 'is required and has no value'],
    [{ city: 'x', polite: 'perhaps' }, 'must be true or false'],
  ])('%j of a person is refused before anything is sent', async (inputs, message) => {
    dify.form = form;
    const ran = await runDify(
      difySpec(dify, 'hello', (spec) => void Object.assign(spec.options, { inputs })),
    );
    expect(ran.failure?.message).toContain(message);
    expect(dify.runs).toEqual([]);
  });

  it('a workflow gets the message in its text field, and instructions where it has a place for them', async () => {
    dify.mode = 'workflow';
    dify.form = [
      { 'text-input': { variable: 'style', label: 'Style', required: false } },
      { paragraph: { variable: 'question', label: 'Question', required: true } },
      { paragraph: { variable: 'system_prompt', label: 'System', required: false } },
    ];
    await runDify(difySpec(dify, 'why?', (spec) => void Object.assign(spec, { systemPrompt: 'Be brief.' })));
    expect(dify.runs[0]?.inputs).toEqual({ question: 'why?', system_prompt: 'Be brief.' });
  });

  const attachments = [
    { id: '1', name: 'cat.png', mediaType: 'image/png', size: 3, blobKey: 'cat' },
    {
      id: '2',
      name: 'notes.txt',
      mediaType: 'text/plain',
      size: 5,
      blobKey: 'notes',
      text: 'hello from the file',
    },
    { id: '3', name: 'odd.bin', mediaType: 'application/octet-stream', size: 5, blobKey: 'odd' },
    { id: '4', name: 'gone.png', mediaType: 'image/png', size: 5, blobKey: 'gone' },
  ];
  const blobs = { cat: new Uint8Array([1, 2, 3]), notes: Buffer.from('hello'), odd: new Uint8Array([9]) };
  const withFiles = (text: string) =>
    difySpec(dify, text, (spec) => {
      spec.input.attachments = attachments;
    });

  it('files that the application takes are uploaded, the rest goes as text or is told', async () => {
    dify.fileUpload = { enabled: true, allowed_file_types: ['image'], number_limits: 3 };
    const ran = await runDify(withFiles('look'), { blobs });
    expect(ran.failure).toBeUndefined();
    expect(dify.runs[0]).toMatchObject({
      files: ['cat.png'],
      query: expect.stringContaining('hello from the file'),
    });
    expect(dify.requests.find(({ path }) => path === '/chat-messages')?.body.files).toEqual([
      { type: 'image', transfer_method: 'local_file', upload_file_id: expect.any(String) },
    ]);
    expect(ran.events.filter((event) => event.type === 'warning').map(({ code }) => code)).toEqual([
      'FileNotSent',
      'AttachmentMissing',
    ]);
  });

  it('documents are files where they are allowed, and file fields of a form get theirs', async () => {
    dify.mode = 'workflow';
    dify.form = [
      { file: { variable: 'picture', label: 'Picture', required: true } },
      { 'file-list': { variable: 'docs', label: 'Docs', required: false } },
    ];
    const ran = await runDify(withFiles(''), { blobs });
    expect(ran.failure).toBeUndefined();
    expect(dify.runs[0]?.files).toEqual(['cat.png', 'notes.txt', 'odd.bin']);
    expect(dify.runs[0]?.inputs).toMatchObject({
      picture: { type: 'image' },
      docs: [{ type: 'document' }, { type: 'custom' }],
    });
  });
});

describe('stop', () => {
  it.each<FakeDifyMode>(['chat', 'workflow', 'completion'])('tells the server in mode %s', async (mode) => {
    dify.mode = mode;
    dify.script = (run) => [
      mode === 'workflow' ? workflowStarted(run) : say('one '),
      'until-stopped',
      mode === 'workflow'
        ? workflowFinished(run, { status: 'stopped' })
        : end({ usage: { prompt_tokens: 7, completion_tokens: 1 } }),
    ];
    const abort = new AbortController();
    const ran = await runDify(difySpec(dify, 'x'), {
      signal: abort.signal,
      onEvent: (event) => {
        if (event.type === 'text-delta' || event.type === 'phase') abort.abort('cancel');
      },
    });
    expect(ran.aborted).toBe('cancel');
    expect(dify.stopped).toEqual([dify.runs[0]?.taskId]);
    if (mode !== 'workflow') expect(ran.fold.usage?.inputTokens).toBe(7);
  });

  it('before the first event waits for the name of the run', async () => {
    const abort = new AbortController();
    dify.script = () => [async () => abort.abort('cancel'), 'ping', say('late'), 'until-stopped', end()];
    const ran = await runDify(difySpec(dify, 'x'), { signal: abort.signal });
    expect(ran.aborted).toBe('cancel');
    expect(dify.stopped).toEqual([dify.runs[0]?.taskId]);
  });

  it('a server that does not listen cannot hold the turn', async () => {
    dify.refusals.push({ path: /stop$/, status: 500, body: 'no' });
    dify.script = () => [say('one '), () => new Promise(() => {})];
    const abort = new AbortController();
    const ran = await runDify(difySpec(dify, 'x'), {
      signal: abort.signal,
      onEvent: () => abort.abort('cancel'),
    });
    expect(ran.aborted).toBe('cancel');
  });

  it('a run that is stopped in Dify has failed', async () => {
    dify.mode = 'workflow';
    dify.script = (run) => [workflowStarted(run), workflowFinished(run, { status: 'stopped' })];
    expect((await runDify(difySpec(dify, 'x'))).failure).toMatchObject({
      reason: 'Timeout',
      message: expect.stringContaining('WORKFLOW_MAX_EXECUTION_TIME'),
    });
  });
});

describe('a lost stream', () => {
  it('of a chatflow is made good by the record of the run', async () => {
    dify.mode = 'advanced-chat';
    dify.script = (run) => {
      dify.records.set(run.workflowRunId, workflowRecord(run, { outputs: { answer: 'the whole answer' } }));
      return [workflowStarted(run), nodeStarted('n', 'llm', 'LLM'), say('the who'), 'cut'];
    };
    const ran = await runDify(difySpec(dify, 'x'));
    expect(ran.failure).toBeUndefined();
    expect(ran.text).toBe('the whole answer');
    expect(dify.stopped).toEqual([]);
    expect(dify.runs).toHaveLength(1);
  });

  it('of a chat is made good by the stored message, once it is there', async () => {
    dify.script = (run) => {
      setTimeout(() => dify.records.set(run.messageId, storedMessage(run, 'hello world')), 100);
      return [say('hello wor'), 'cut'];
    };
    const ran = await runDify(difySpec(dify, 'x'));
    expect(ran.failure).toBeUndefined();
    expect(ran.text).toBe('hello world');
    expect(ran.fold.usage).toMatchObject({ inputTokens: 100, outputTokens: 20, costUsd: 0.00014 });
  });

  it('that nobody knows more of is a failure, and the run is stopped', async () => {
    dify.script = () => [say('hello'), 'cut'];
    const ran = await runDify(difySpec(dify, 'x'));
    expect(ran.failure).toMatchObject({ reason: 'ModelUnavailable', retryable: true });
    expect(dify.stopped).toEqual([dify.runs[0]?.taskId]);
  });

  it.each([
    ['chat', 'handed on'],
    ['advanced-chat', 'handed on'],
  ] as const)('another attempt goes on with a run of mode %s that was %s', async (mode, _how) => {
    dify.mode = mode;
    dify.script = (run) => [
      ...(mode === 'chat' ? [] : [workflowStarted(run), nodeStarted('n', 'tool', 'Search')]),
      say('<think>hm</think>first wor'),
      'until-stopped',
    ];
    const abort = new AbortController();
    const first = await runDify(difySpec(dify, 'x'), {
      signal: abort.signal,
      onEvent: (event) => {
        if (event.type === 'text-delta') abort.abort('abandon');
      },
    });
    expect(first.aborted).toBe('abandon');
    expect(dify.stopped).toEqual([]);
    const [run] = dify.runs;
    if (!run) throw new Error('nothing ran');
    dify.records.set('x', storedMessage(run, 'first word, last word'));
    dify.records.set(
      run.workflowRunId,
      workflowRecord(run, { outputs: { answer: 'first word, last word' } }),
    );
    const second = await runDify(
      difySpec(dify, 'x', (spec) => void Object.assign(spec, { attempt: 2 })),
      { resumeFrom: first.cursor, before: first.events },
    );
    expect(second.failure).toBeUndefined();
    expect(second.text).toBe('first word, last word');
    expect(dify.runs).toHaveLength(1);
    expect(second.session).toBeUndefined();
  });
});
