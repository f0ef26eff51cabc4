import { once } from 'node:events';
import { createServer } from 'node:http';
import {
  type DifyStep,
  type FakeDify,
  freePort,
  startFakeDify,
  workflowFinished,
  workflowStarted,
} from '@wegent/testing';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { createOutbound, testModel } from '../src/index.ts';
import { difySpec, runDify } from './dify-harness.ts';

let dify: FakeDify;
beforeEach(async () => {
  dify = await startFakeDify();
});
afterEach(() => dify[Symbol.asyncDispose]());

const RUN = /^\/(chat-messages|completion-messages|workflows\/run)$/;

describe('every refusal of the API has a reason and says what to do', () => {
  it.each([
    [401, 'unauthorized', 'ModelAuth', false, 'Check DIFY_API_KEY'],
    [403, 'forbidden', 'ModelAuth', false, 'Backend Service API'],
    [403, 'workflow_version_execution_not_allowed', 'ModelBadRequest', false, 'plan'],
    [400, 'not_chat_app', 'ModelBadRequest', false, 'another mode'],
    [400, 'not_workflow_app', 'ModelBadRequest', false, 'another mode'],
    [400, 'app_unavailable', 'ModelBadRequest', false, 'configuration in Dify'],
    [400, 'agent_not_published', 'ModelBadRequest', false, 'Publish it'],
    [400, 'invalid_param', 'ModelBadRequest', false, 'correct DIFY_PARAMS'],
    [400, 'bad_request', 'ModelBadRequest', false, 'correct DIFY_PARAMS'],
    [400, 'conversation_completed', 'ModelBadRequest', false, 'Start a new chat'],
    [400, 'provider_not_initialize', 'ModelAuth', false, 'Model Provider'],
    [400, 'provider_quota_exceeded', 'BudgetExceeded', false, 'Top it up'],
    [400, 'model_currently_not_support', 'ModelUnavailable', false, 'Choose another one in Dify'],
    [400, 'completion_request_error', 'ModelUnavailable', false, 'look at the model in Dify'],
    [404, 'not_found', 'ModelBadRequest', false, 'Publish it'],
    [413, 'file_too_large', 'ModelBadRequest', false, 'UPLOAD_FILE_SIZE_LIMIT'],
    [415, 'unsupported_file_type', 'ModelBadRequest', false, 'Attach another one'],
    [429, 'too_many_requests', 'ModelRateLimit', true, 'APP_MAX_ACTIVE_REQUESTS'],
    [429, 'rate_limit_error', 'BudgetExceeded', false, 'plan at Dify'],
    [500, 'internal_server_error', 'ModelUnavailable', true, 'logs of Dify'],
    [422, 'something_new', 'ModelBadRequest', false, 'Its words are below'],
  ])('%i %s → %s', async (status, code, reason, retryable, message) => {
    dify.refusals.push({ path: RUN, status, body: { code, message: 'the words', status } });
    const ran = await runDify(difySpec(dify, 'x'));
    expect(ran.failure).toMatchObject({ reason, retryable, detail: `${code}: the words` });
    expect(ran.failure?.message).toContain(message);
    expect(ran.failure?.message).toContain('Dify application “app”');
  });

  it.each([
    [400, 'completion_request_error', 'Rate limit reached for gpt', 'ModelRateLimit', true],
    [400, 'completion_request_error', "This model's maximum context length is 8192", 'ContextTooLong', false],
    [400, 'unauthorized', 'no', 'ModelAuth', false],
    [500, 'internal_server_error', 'oops', 'ModelUnavailable', true],
    [undefined, 'never_seen', 'oops', 'ModelUnavailable', false],
  ])('in the midst of a stream too: %s %s “%s” → %s', async (status, code, message, reason, retryable) => {
    dify.script = () => [
      { event: 'message', answer: 'half' },
      { event: 'error', status, code, message },
      { event: 'message', answer: 'never shown' },
    ];
    const ran = await runDify(difySpec(dify, 'x'));
    expect(ran.failure).toMatchObject({ reason, retryable });
    expect(ran.text).toBe('half');
    expect(dify.runs).toHaveLength(1);
  });

  it('a failed workflow tells its error and what it used', async () => {
    dify.mode = 'workflow';
    dify.script = (run) => [
      workflowStarted(run),
      workflowFinished(run, { status: 'failed', error: 'node Fetch: 503', total_tokens: 42 }),
    ];
    const ran = await runDify(difySpec(dify, 'x'));
    expect(ran.failure).toMatchObject({
      reason: 'ModelUnavailable',
      detail: 'workflow_failed: node Fetch: 503',
      message: expect.stringContaining('logs of Dify'),
    });
    expect(ran.fold.usage?.inputTokens).toBe(42);
    expect(dify.stopped).toEqual([]);
  });

  it('of busy servers is waited for, and tried again', async () => {
    dify.refusals.push({
      path: RUN,
      status: 429,
      body: { code: 'too_many_requests', message: '' },
      headers: { 'retry-after': '0' },
      times: 2,
    });
    const ran = await runDify(difySpec(dify, 'hello'));
    expect(ran.text).toBe('You said: hello');
    expect(ran.events.filter((event) => event.type === 'phase')).toHaveLength(2);
    expect(dify.runs).toHaveLength(1);
  });

  it('guesses of Flask are cut off', async () => {
    const message = 'Workflow not found. You have requested this URI [/v1/x] but did you mean /v1/y ?';
    dify.refusals.push({ path: RUN, status: 404, body: { code: 'not_found', message } });
    expect((await runDify(difySpec(dify, 'x'))).failure?.detail).toBe('not_found: Workflow not found.');
  });
});

describe('what is wrong with a Model is told before anything is sent', () => {
  it.each([
    [{ DIFY_API_KEY: '' }, 'has no DIFY_API_KEY'],
    [{ DIFY_API_KEY: 'dataset-123' }, 'is a key of a knowledge base'],
    [{ DIFY_API_KEY: 'app-ключ' }, 'characters that no key has'],
    [{ DIFY_API_KEY: 'app-x\r\nx-evil: 1' }, 'characters that no key has'],
    [{ DIFY_BASE_URL: 'ftp://host' }, 'DIFY_BASE_URL of “app” is not usable'],
    [{ DIFY_BASE_URL: 'http://user:pass@host' }, 'DIFY_BASE_URL of “app” is not usable'],
    [{ DIFY_BASE_URL: 'nonsense' }, 'DIFY_BASE_URL of “app” is not usable'],
  ])('%j', async (env, message) => {
    const ran = await runDify(difySpec(dify, 'x', (spec) => void Object.assign(spec.model?.env ?? {}, env)));
    expect(ran.failure).toMatchObject({
      reason: 'ModelBadRequest',
      message: expect.stringContaining(message),
    });
    expect(dify.requests).toEqual([]);
  });

  it('no Model, and a Model of something else', async () => {
    const none = await runDify(
      difySpec(dify, 'x', (spec) => {
        delete spec.model;
      }),
    );
    expect(none.failure?.message).toContain('The Bot “helper” has no Model');
    const other = await runDify(
      difySpec(dify, 'x', (spec) => {
        if (spec.model) spec.model.env = {};
      }),
    );
    expect(other.failure?.message).toContain('is no Dify application');
  });

  it('a mode that nobody knows', async () => {
    dify.refusals.push({ path: /^\/info/, status: 200, body: { name: 'X', mode: 'rag-pipeline' } });
    const ran = await runDify(difySpec(dify, 'x'));
    expect(ran.failure).toMatchObject({ reason: 'ModelBadRequest' });
    expect(ran.failure?.detail).toContain(
      'mode "rag-pipeline" is not known here; known are chat, agent-chat',
    );
  });
});

describe('servers that do not behave', () => {
  const raw = (text: string): DifyStep[] => [{ raw: text }];
  it.each([
    ['lines that are no events', raw('hello\nthere\n\n')],
    ['broken JSON only', raw('data: {"event": "mess\n\n')],
    ['nothing at all', []],
    ['pings only', ['ping', 'ping'] as DifyStep[]],
  ])('a stream of %s', async (_what, steps) => {
    dify.script = () => steps;
    const ran = await runDify(difySpec(dify, 'x'));
    expect(ran.failure).toMatchObject({ reason: 'ModelUnavailable', retryable: true });
    expect(ran.failure?.message).toContain('broke off or was not understood');
  });

  it('a web page in place of an answer', async () => {
    for (const [status, reason, message] of [
      [200, 'ModelUnavailable', 'is no Dify server'],
      [404, 'ModelUnavailable', 'No Dify API answers'],
      [502, 'ModelUnavailable', 'The proxy before the Dify server'],
      [504, 'Timeout', 'The proxy before the Dify server'],
    ] as const) {
      dify.refusals.splice(0, 1, { path: /^\//, status, body: '<html>hello</html>' });
      const ran = await runDify(difySpec(dify, 'x'));
      expect(ran.failure).toMatchObject({ reason, message: expect.stringContaining(message) });
    }
  });

  it('JSON in place of a stream, and a server that says yes to everything', async () => {
    dify.refusals.push({ path: RUN, status: 200, body: { answer: 'blocking' } });
    expect((await runDify(difySpec(dify, 'x'))).failure?.message).toContain(
      'broke off or was not understood',
    );
    dify.refusals.unshift({ path: /^\/parameters/, status: 200, body: { ok: true } });
    expect((await runDify(difySpec(dify, 'x'))).failure?.message).toContain('is no Dify server');
  });

  it('silence without a ping', async () => {
    dify.script = () => [{ event: 'message', answer: 'one' }, () => new Promise(() => {})];
    const ran = await runDify(difySpec(dify, 'x'), { options: { quietMs: 100 } });
    expect(ran.failure?.retryable).toBe(true);
    expect(dify.stopped).toHaveLength(1);
  });

  it('pings keep a silent run alive beyond that', async () => {
    const pause = () => new Promise((resolve) => setTimeout(resolve, 60));
    const silence = Array.from({ length: 6 }, () => [pause, 'ping' as const]).flat();
    dify.script = () => [{ event: 'message', answer: 'one' }, ...silence, { event: 'message_end' }];
    expect((await runDify(difySpec(dify, 'x'), { options: { quietMs: 300 } })).text).toBe('one');
  });

  it('an unreachable host', async () => {
    const spec = difySpec({ origin: `http://127.0.0.1:${await freePort()}`, key: 'app-k' }, 'x');
    const ran = await runDify(spec);
    expect(ran.failure).toMatchObject({
      reason: 'ModelUnavailable',
      message: expect.stringContaining('DIFY_BASE_URL'),
    });
    expect(ran.events.filter((event) => event.type === 'phase')).toHaveLength(2);
  });

  it('ids that are paths lead nowhere', async () => {
    dify.script = () => [
      { event: 'message', task_id: '../../info', conversation_id: 'a/b', answer: 'x' },
      'cut',
    ];
    const ran = await runDify(difySpec(dify, 'x'));
    expect(ran.failure?.reason).toBe('ModelUnavailable');
    expect(ran.session).toBeUndefined();
    expect(dify.requests.map(({ path }) => path)).toEqual(['/info', '/parameters', '/chat-messages']);
  });
});

describe('attacks', () => {
  it.each([
    'http://127.0.0.1:1',
    'http://localhost:1',
    'http://169.254.169.254',
    'http://[::1]:1',
    'http://[::ffff:10.0.0.1]',
    'http://10.0.0.1',
    'http://0x7f000001',
  ])('somebody who is no administrator does not reach %s', async (origin) => {
    const ran = await runDify(
      difySpec({ origin, key: dify.key }, 'x', (spec) => {
        spec.outboundAllow = ['127.0.0.1:2'];
      }),
    );
    expect(ran.failure).toMatchObject({
      reason: 'ModelUnavailable',
      message: expect.stringContaining('private network'),
    });
  });

  it('a name that turns out to be private is refused too', async () => {
    const outbound = createOutbound({
      lookup: (_name, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
    });
    const port = dify.host.split(':')[1];
    const ran = await runDify(
      difySpec({ origin: `http://dify.example:${port}`, key: dify.key }, 'x', (spec) => {
        spec.outboundAllow = [];
      }),
      { options: { outbound } },
    );
    expect(ran.failure?.message).toContain('private network');
    expect(dify.requests).toEqual([]);
  });

  it('what the operator allows is reached', async () => {
    const ran = await runDify(
      difySpec(dify, 'hello', (spec) => {
        spec.outboundAllow = [dify.host];
      }),
    );
    expect(ran.text).toBe('You said: hello');
  });

  it('redirects are not followed, and the key goes nowhere else', async () => {
    const seen: unknown[] = [];
    const other = createServer((request, response) => {
      seen.push(request.headers);
      response.end('{}');
    });
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      for (const status of [301, 307, 308]) {
        dify.refusals.splice(0, 1, {
          path: /^\//,
          status,
          body: '',
          headers: { location: `http://127.0.0.1:${port}/` },
        });
        const ran = await runDify(difySpec(dify, 'x'));
        expect(ran.failure?.message).toContain(`leads elsewhere (${status})`);
      }
      expect(seen).toEqual([]);
    } finally {
      other.closeAllConnections();
      other.close();
    }
  });

  it('the key is in no event and in no error, whatever the server says', async () => {
    const leak = `your key is ${dify.key}, Bearer ${dify.key}`;
    dify.refusals.push({ path: RUN, status: 400, body: { code: 'invalid_param', message: leak }, times: 1 });
    const refused = await runDify(difySpec(dify, 'x'));
    expect(refused.failure?.detail).toContain('your key is •••');
    expect(JSON.stringify(refused)).not.toContain(dify.key);
    dify.script = () => [{ event: 'error', code: 'x', message: leak }];
    const failed = await runDify(difySpec(dify, 'x'));
    expect(failed.failure?.detail).toContain('your key is');
    expect(JSON.stringify(failed)).not.toContain(dify.key);
  });

  it('an answer without end is given up', async () => {
    dify.refusals.push({ path: /^\/parameters/, status: 200, body: 'x'.repeat(5 * 1024 * 1024) });
    expect((await runDify(difySpec(dify, 'x'))).failure?.message).toContain('is no Dify server');
  });

  it('an event without end is given up', async () => {
    dify.script = () => [{ raw: `data: ${'x'.repeat(17 * 1024 * 1024)}` }];
    expect((await runDify(difySpec(dify, 'x'))).failure?.detail).toContain('too long');
  });
});

describe('testModel', () => {
  const endpoint = () => difySpec(dify, '').model ?? expect.unreachable();

  test('says what the application is, without running it', async () => {
    dify.mode = 'advanced-chat';
    expect(await testModel({ endpoint: endpoint() })).toMatchObject({
      ok: true,
      reply: 'Fake (advanced-chat)',
    });
    expect(dify.runs).toEqual([]);
  });

  test('tells of a wrong key, and of an address that may not be called', async () => {
    const wrong = { ...endpoint(), env: { ...endpoint().env, DIFY_API_KEY: 'app-wrong' } };
    expect(await testModel({ endpoint: wrong })).toMatchObject({ ok: false, error: { reason: 'ModelAuth' } });
    const refused = await testModel({ endpoint: endpoint(), outboundAllow: [] });
    expect(refused).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('private network') },
    });
  });
});
