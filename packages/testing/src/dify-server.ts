import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type DifyRun, type DifyStep, type FakeDifyMode, USAGE, usualSteps } from './dify-answers.ts';

/** A refusal in place of an answer, for calls of a path; `times` of them, or for ever. */
export interface DifyRefusal {
  path: RegExp;
  status: number;
  body: unknown;
  headers?: Record<string, string>;
  times?: number;
}

/** A request that the server got. */
export interface DifyRequest {
  method: string;
  /** Path below `/v1`, with the query. */
  path: string;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
}

/** An imitation of a Dify server with one application, on 127.0.0.1. */
export interface FakeDify extends AsyncDisposable {
  /** `http://127.0.0.1:port`, without `/v1`. */
  readonly origin: string;
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly key: string;
  mode: FakeDifyMode;
  /** `/parameters`: its `user_input_form`. */
  form: Record<string, unknown>[];
  /** `/parameters`: its `file_upload`. */
  fileUpload: Record<string, unknown>;
  /** What a run sends; the usual answer `You said: …` when absent. */
  script: ((run: DifyRun) => DifyStep[]) | undefined;
  /** What is sent when a paused workflow goes on. */
  continuation: ((run: DifyRun) => DifyStep[]) | undefined;
  /** Bytes of one piece of a stream; whole events when absent. */
  chunkBytes: number | undefined;
  readonly refusals: DifyRefusal[];
  readonly requests: DifyRequest[];
  readonly runs: DifyRun[];
  /** Task ids that were told to stop. */
  readonly stopped: string[];
  /** Forms that were handed in, by token. */
  readonly forms: Map<string, Record<string, unknown>>;
  /** Records of workflow runs and stored messages, for those who ask afterwards; filled as runs end. */
  readonly records: Map<string, Record<string, unknown>>;
  /** Queries of each conversation, by its id. */
  readonly conversations: Map<string, { user: string; said: string[] }>;
}

/**
 * Starts it. Paths, checks, codes, framing and order follow the published service API: keys, the mode of the
 * application, streaming, required inputs, who owns a conversation, a file and a run.
 */
export async function startFakeDify({
  mode = 'chat',
  key = 'app-fakefakefakefake',
}: {
  mode?: FakeDifyMode;
  key?: string;
} = {}): Promise<FakeDify> {
  const files = new Map<string, { name: string; user: string }>();
  const stops = new Map<string, () => void>();
  const server = createServer((request, response) => {
    void serve(request, response).catch(() => response.destroy());
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = request;
    const bytes = await readBytes(request);
    const isForm = headers['content-type']?.startsWith('multipart/') ?? false;
    const form = isForm ? await readForm(bytes, headers['content-type'] ?? '') : undefined;
    const body = form ? { user: form.get('user') } : parse(bytes.toString('utf8'));
    const path = url.replace(/^\/v1(?=\/)/, '');
    fake.requests.push({ method, path, headers, body });
    const refusal = fake.refusals.find((one) => one.path.test(path) && one.times !== 0);
    if (refusal) {
      if (refusal.times !== undefined) refusal.times--;
      send(response, refusal.status, refusal.body, refusal.headers);
      return;
    }
    if (!url.startsWith('/v1/')) {
      send(response, 404, '<html><h1>404 Not Found</h1></html>');
      return;
    }
    if (headers.authorization !== `Bearer ${fake.key}`) {
      refuse(response, 401, 'unauthorized', 'Access token is invalid');
      return;
    }
    await route(`${method} ${path.split('?')[0]}`, {
      response,
      body,
      form,
      query: new URL(url, fake.origin),
    });
  }

  async function route(
    call: string,
    given: {
      response: ServerResponse;
      body: Record<string, unknown>;
      form: FormData | undefined;
      query: URL;
    },
  ): Promise<void> {
    const { response, body, form } = given;
    const user = text(body.user) || (given.query.searchParams.get('user') ?? '');
    const id = call.split('/')[3] ?? '';
    switch (call.replace(/\/(?:[0-9a-f-]{36}|form-[\w-]+)(?=\/|$)/, '/*')) {
      case 'GET /info':
        return send(response, 200, { name: 'Fake', description: '', tags: [], mode: fake.mode });
      case 'GET /parameters':
        return send(response, 200, {
          opening_statement: '',
          suggested_questions: [],
          user_input_form: fake.form,
          file_upload: fake.fileUpload,
          system_parameters: { file_size_limit: 15, image_file_size_limit: 10 },
        });
      case 'POST /files/upload': {
        const file = form?.get('file');
        if (!(file instanceof Blob))
          return refuse(response, 400, 'no_file_uploaded', 'Please upload your file.');
        if (user === '') return refuse(response, 400, 'invalid_param', 'user is required');
        const name = 'name' in file ? text(file.name) : 'file';
        const fileId = randomUUID();
        files.set(fileId, { name, user });
        return send(response, 201, { id: fileId, name, size: file.size, mime_type: file.type });
      }
      case 'POST /chat-messages':
        if (fake.mode === 'workflow' || fake.mode === 'completion')
          return refuse(
            response,
            400,
            'not_chat_app',
            'Please check if your app mode matches the right API route.',
          );
        return run(response, body);
      case 'POST /completion-messages':
        if (fake.mode !== 'completion')
          return refuse(
            response,
            400,
            'app_unavailable',
            'App unavailable, please check your app configurations.',
          );
        return run(response, body);
      case 'POST /workflows/run':
        if (fake.mode !== 'workflow')
          return refuse(
            response,
            400,
            'not_workflow_app',
            'Please check if your app mode matches the right API route.',
          );
        return run(response, body);
      case 'POST /chat-messages/*/stop':
      case 'POST /completion-messages/*/stop':
        return stop(response, call.split('/')[2] ?? '', user);
      case 'POST /workflows/tasks/*/stop':
        return stop(response, id, user);
      case 'GET /workflows/run/*': {
        const record = fake.records.get(id);
        return record
          ? send(response, 200, record)
          : refuse(response, 404, 'not_found', 'Workflow run not found');
      }
      case 'GET /messages': {
        const conversation = given.query.searchParams.get('conversation_id') ?? '';
        if (fake.conversations.get(conversation)?.user !== user)
          return refuse(response, 404, 'not_found', 'Conversation Not Exists.');
        const data = [...fake.records.values()].filter((one) => one.conversation_id === conversation);
        return send(response, 200, { limit: 20, has_more: false, data: data.toReversed() });
      }
      case 'POST /form/human_input/*': {
        if (fake.forms.has(id))
          return refuse(response, 412, 'human_input_form_submitted', 'The form was submitted already.');
        fake.forms.set(id, body);
        return send(response, 200, {});
      }
      case 'GET /workflow/*/events': {
        const found = fake.runs.find((one) => one.workflowRunId === call.split('/')[2]);
        if (!found || found.user !== user)
          return refuse(response, 404, 'not_found', 'Workflow run not found');
        return stream(response, found, fake.continuation?.(found) ?? []);
      }
      default:
        refuse(
          response,
          404,
          'not_found',
          `The requested URL was not found. You have requested this URI [${call}] but did you mean /v1/info ?`,
        );
    }
  }

  function stop(response: ServerResponse, taskId: string, user: string): void {
    fake.stopped.push(taskId);
    // A stop by somebody else is answered the same and does nothing.
    if (fake.runs.find((one) => one.taskId === taskId)?.user === user) stops.get(taskId)?.();
    send(response, 200, { result: 'success' });
  }

  async function run(response: ServerResponse, body: Record<string, unknown>): Promise<void> {
    const { inputs } = body;
    const user = text(body.user);
    const query = text(body.query);
    if (body.response_mode !== 'streaming')
      return refuse(response, 400, 'invalid_param', 'Agent Chat App does not support blocking mode');
    if (user === '') return refuse(response, 400, 'invalid_param', 'user is required');
    if (!isRecord(inputs)) return refuse(response, 400, 'invalid_param', 'inputs is required');
    const isChat = fake.mode !== 'workflow' && fake.mode !== 'completion';
    if (isChat && typeof body.query !== 'string')
      return refuse(response, 400, 'invalid_param', 'query is required');
    const missing = fake.form
      // The server fills those itself.
      .filter((entry) => !('external_data_tool' in entry))
      .flatMap((entry) => Object.values(entry))
      .filter(isRecord)
      .find((field) => field.required === true && inputs[text(field.variable)] === undefined);
    if (missing)
      return refuse(response, 400, 'invalid_param', `${text(missing.variable)} is required in input form`);
    const named = [...(Array.isArray(body.files) ? body.files : []), ...Object.values(inputs).flat()];
    const isFile = (value: Record<string, unknown>) =>
      'upload_file_id' in value || 'transfer_method' in value;
    const given = named
      .filter(isRecord)
      .filter(isFile)
      .flatMap((file) => {
        const known = files.get(text(file.upload_file_id));
        return known && known.user === user ? [known.name] : [undefined];
      });
    if (given.includes(undefined)) return refuse(response, 400, 'invalid_param', 'Invalid upload file');
    const asked = text(body.conversation_id);
    const known = fake.conversations.get(asked);
    if (isChat && asked !== '' && known?.user !== user)
      return refuse(response, 404, 'not_found', 'Conversation Not Exists.');
    const conversationId = isChat && asked !== '' ? asked : randomUUID();
    const conversation = known ?? { user, said: [] };
    conversation.said.push(query);
    if (isChat) fake.conversations.set(conversationId, conversation);
    const started: DifyRun = {
      mode: fake.mode,
      taskId: randomUUID(),
      messageId: randomUUID(),
      conversationId,
      workflowRunId: randomUUID(),
      query,
      inputs,
      user,
      said: [...conversation.said],
      files: given.filter((name) => name !== undefined),
    };
    fake.runs.push(started);
    const words =
      isChat || query !== '' ? query : text(Object.values(inputs).find((one) => typeof one === 'string'));
    await stream(response, started, fake.script?.(started) ?? usualSteps(started, `You said: ${words}`));
  }

  async function stream(
    response: ServerResponse,
    started: DifyRun,
    steps: readonly DifyStep[],
  ): Promise<void> {
    const isStopped = new Promise<void>((resolve) => stops.set(started.taskId, resolve));
    const isGone = once(response, 'close');
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
    });
    response.flushHeaders();
    for (const step of steps) {
      if (step === 'cut') {
        response.destroy();
        return;
      }
      if (step === 'until-stopped') await Promise.race([isStopped, isGone]);
      else if (typeof step === 'function') await Promise.race([step(), isGone]);
      else if (step === 'ping') await write(response, 'event: ping\n\n');
      else if (isRaw(step)) await write(response, step.raw);
      else await write(response, `data: ${JSON.stringify(withIds(started, step))}\n\n`);
      if (response.destroyed) return;
    }
    response.end();
  }

  async function write(response: ServerResponse, piece: string): Promise<void> {
    const bytes = Buffer.from(piece);
    const size = fake.chunkBytes ?? bytes.length;
    for (let at = 0; at < bytes.length && !response.destroyed; at += size) {
      await new Promise<void>((resolve) => {
        response.write(bytes.subarray(at, at + size), () => resolve());
      });
      if (fake.chunkBytes !== undefined) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const host = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const fake: FakeDify = {
    origin: `http://${host}`,
    host,
    key,
    mode,
    form: [],
    fileUpload: {},
    script: undefined,
    continuation: undefined,
    chunkBytes: undefined,
    refusals: [],
    requests: [],
    runs: [],
    stopped: [],
    forms: new Map(),
    records: new Map(),
    conversations: new Map(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return fake;
}

/** The record that `GET /workflows/run/{id}` answers for a run. */
export function workflowRecord(run: DifyRun, change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: run.workflowRunId,
    workflow_id: 'workflow-1',
    status: 'succeeded',
    inputs: JSON.stringify(run.inputs),
    outputs: {},
    error: null,
    total_steps: 3,
    total_tokens: 120,
    elapsed_time: 1.5,
    ...change,
  };
}

/** The message that `GET /messages` lists for a run. */
export function storedMessage(run: DifyRun, answer: string): Record<string, unknown> {
  return {
    id: run.messageId,
    conversation_id: run.conversationId,
    inputs: run.inputs,
    query: run.query,
    answer,
    status: 'normal',
    error: null,
    message_tokens: USAGE.prompt_tokens,
    answer_tokens: USAGE.completion_tokens,
    total_price: USAGE.total_price,
    currency: 'USD',
  };
}

/** Each mode has its ids on its events; `error` has no task. */
function withIds(run: DifyRun, step: Record<string, unknown>): Record<string, unknown> {
  const { taskId, messageId, conversationId, workflowRunId } = run;
  const isError = step.event === 'error';
  const task = isError ? {} : { task_id: taskId };
  const workflow = isError ? {} : { workflow_run_id: workflowRunId };
  const message = { message_id: messageId, created_at: 1_700_000_000 };
  switch (run.mode) {
    case 'workflow':
      return { ...task, ...workflow, ...step };
    case 'completion':
      return { ...task, ...message, ...step };
    case 'advanced-chat':
      return { ...task, ...workflow, ...message, conversation_id: conversationId, ...step };
    default:
      return { ...task, ...message, conversation_id: conversationId, ...step };
  }
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  send(response, status, { code, message, status });
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const isText = typeof body === 'string';
  response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
  response.end(isText ? body : JSON.stringify(body));
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function readForm(bytes: Buffer, type: string): Promise<FormData> {
  return new Response(Uint8Array.from(bytes), { headers: { 'content-type': type } }).formData();
}

function parse(body: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(body);
    return isRecord(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

function isRaw(step: object): step is { raw: string } {
  return 'raw' in step && !('event' in step);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
