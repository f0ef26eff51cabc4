import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutorOverview } from '@wegent/api';
import { enginesFolder, startDocker } from '@wegent/testing';
import { type CodingTask, openTask } from '../support/coding.ts';
import { type CountedQuestion, startCountingModel } from '../support/counting-model.ts';
import { type Person, signIn, withApiKey } from '../support/person.ts';
import { type Standalone, startStandalone } from '../support/standalone.ts';

/** A product whose agents are Agno's: `scribe` alone, and `crew`, a Team that Agno runs itself. */
export interface AgnoStage extends AsyncDisposable {
  readonly product: Standalone;
  readonly admin: Person;
  start(team: 'scribe' | 'crew', message: string): Promise<CodingTask>;
  /** Answers that the model has given so far, each of `TOKENS`. */
  answered(): number;
  /** Questions that it keeps silent about. */
  unanswered(): number;
  /** Tokens in the books, by Model. */
  booked(): Map<string, number>;
  sandboxes(): Promise<number>;
}

/** A program with one tool, which writes a file where it runs; it speaks MCP by lines. */
const FILES_SERVER = `
const { writeFileSync } = require('node:fs');
const tool = { name: 'write_note', inputSchema: { type: 'object', properties: { text: { type: 'string' } } } };
const answers = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'files', version: '1' } }),
  'tools/list': () => ({ tools: [tool] }),
  'tools/call': (call) => {
    writeFileSync('note.txt', call.arguments.text);
    return { content: [{ type: 'text', text: 'written in ' + process.cwd() }] };
  },
};
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  console.log(JSON.stringify({ jsonrpc: '2.0', id, result: (answers[method] ?? (() => ({})))(params) }));
});`;

/** Starts it; sandboxes end right after their turns. */
export async function startAgnoStage({ sandbox }: { sandbox: 'local' | 'docker' }): Promise<AgnoStage> {
  const stack = new AsyncDisposableStack();
  try {
    const model = stack.use(await startCountingModel(answerOf));
    const docker = sandbox === 'docker' ? stack.use(await startDocker()) : undefined;
    const product = stack.use(
      await startStandalone({
        enginesFolder: enginesFolder('agno') ?? '',
        env: {
          SANDBOX: sandbox,
          OUTBOUND_ALLOW: `127.0.0.1:${model.port}`,
          WARM_SANDBOXES: '0',
          MAX_IDLE_SANDBOXES: '0',
          ...(docker ? { DOCKER_HOST: docker.host, EXECUTOR_IMAGE: await docker.executorImage() } : {}),
        },
      }),
    );
    const admin = await withApiKey(product.url, await signIn(product.url));
    const { namespace } = admin.user;
    const { results } = await admin.api.resources.apply(namespace, documents(model.url, namespace));
    const failed = results.filter(({ operation }) => operation === 'failed');
    if (failed.length > 0) throw new Error(`agents were not made: ${JSON.stringify(failed)}`);
    const owned = stack.move();
    return {
      product,
      admin,
      async start(team, message) {
        const ack = await admin.api.tasks.create({
          clientMessageId: crypto.randomUUID(),
          team: { name: team, namespace },
          message,
        });
        return openTask(admin, ack.taskId, ack.executionIds[0] ?? '');
      },
      answered: model.answered,
      unanswered: model.unanswered,
      booked: () => booked(path.join(product.dataDir, 'wegent.db')),
      async sandboxes() {
        const overview = await admin.api.http.request<ExecutorOverview>('GET', '/api/v1/admin/executors');
        return overview.managers.flatMap((manager) => manager.sandboxes).length;
      },
      async [Symbol.asyncDispose]() {
        const crashed = await Promise.race([product.process().exit.then(() => true), delay(0, false)]);
        const output = product.process().output();
        await owned.disposeAsync();
        if (crashed) throw new Error(`the product ended by itself:\n${output}`);
      },
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

function booked(file: string): Map<string, number> {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const rows = database
      .prepare('select model, sum(input_tokens) as tokens from usage_records group by model')
      .all();
    return new Map(rows.map(({ model, tokens }) => [String(model), Number(tokens)]));
  } finally {
    database.close();
  }
}

/** What the models say, by what they are asked. */
function answerOf({ model, said, tools, results }: CountedQuestion) {
  const asked = said.at(-1) ?? '';
  if (asked.includes('what did I say')) return `You said: ${said.join(' | ')}`;
  if (isSilent(asked) && !tools.includes('delegate_task_to_member')) return undefined;
  if (model === 'small') return `small heard: ${asked}`;
  if (results.length > 0) return `heard: ${results.join(' + ')}`;
  if (tools.includes('delegate_task_to_member'))
    return ['ben', 'cleo'].map((member) => ({
      name: 'delegate_task_to_member',
      input: { member_id: member, task: `${asked} (${member})` },
    }));
  if (asked.startsWith('write ')) return [{ name: 'files__write_note', input: { text: asked.slice(6) } }];
  return 'done';
}

// What was said before comes with the question when Agno does not remember it.
function isSilent(asked: string): boolean {
  return /be silent( \(\w+\))?$/.test(asked);
}

function documents(url: string, namespace: string) {
  const object = (kind: string, name: string, spec: object) => ({
    apiVersion: 'agent.wecode.io/v1',
    kind,
    metadata: { name, namespace },
    spec,
  });
  const model = (name: string) =>
    object('Model', name, {
      modelConfig: { env: { model: 'openai', model_id: name, base_url: url, api_key: `the-key-of-${name}` } },
      pricing: { input: 1, output: 1 },
    });
  const bot = (name: string, modelRef: string, ghost: object) => [
    object('Ghost', name, ghost),
    object('Bot', name, { ghostRef: { name }, shellRef: { name: 'Agno' }, modelRef: { name: modelRef } }),
  ];
  const files = { command: 'node', args: ['-e', FILES_SERVER] };
  return [
    model('large'),
    model('small'),
    ...bot('scribe', 'large', { systemPrompt: 'You write.', mcpServers: { files } }),
    ...['ann', 'ben', 'cleo'].flatMap((name) =>
      bot(name, name === 'ann' ? 'large' : 'small', { systemPrompt: `I am ${name}.` }),
    ),
    object('Team', 'scribe', { collaborationModel: 'solo', members: [{ botRef: { name: 'scribe' } }] }),
    object('Team', 'crew', {
      collaborationModel: 'coordinate',
      members: ['ann', 'ben', 'cleo'].map((name) => ({
        name,
        botRef: { name },
        ...(name === 'ann' ? { role: 'leader' } : {}),
      })),
    }),
  ];
}
