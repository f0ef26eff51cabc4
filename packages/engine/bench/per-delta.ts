/**
 * What a word of a model's answer costs in this process: `node packages/engine/bench/per-delta.ts` prints µs of CPU
 * per delta, for words that come at 30 a second in each of 200 streams and for words that come as fast as they can.
 * The limit is to read the same answers with node:http and a few lines that parse them.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import path from 'node:path';
import { ExecutionSpec } from '@wegent/api';
import { languageModelOf } from '../src/chat/language-model.ts';
import { createEngines, createOutbound, runTurn } from '../src/index.ts';

/** Streams one answer and tells how many deltas it had. */
type Reader = (prompt: string) => Promise<number>;

const server = fork(path.join(import.meta.dirname, 'model-server.ts'));
const [address] = await once(server, 'message');
const url = String(address);

const engines = createEngines({});
const outbound = createOutbound();
const READERS: Record<string, Reader> = {
  'node:http': readPlainly,
  provider: readProvider,
  engine: readEngine,
};
const PACED = { streams: 200, prompt: '240 words at 30 words per second' };
const FLAT_OUT = { streams: 10, prompt: '3000 words' };

for (const [name, reader] of Object.entries(READERS)) {
  await cpuPerDelta(reader, FLAT_OUT);
  const flatOut = await cpuPerDelta(reader, FLAT_OUT);
  const paced = await cpuPerDelta(reader, PACED);
  process.stdout.write(
    `${name.padEnd(12)} paced ${paced.toFixed(0)} µs, flat out ${flatOut.toFixed(0)} µs\n`,
  );
}
server.disconnect();

async function cpuPerDelta(reader: Reader, { streams, prompt }: typeof PACED): Promise<number> {
  const before = process.cpuUsage();
  const counts = await Promise.all(Array.from({ length: streams }, () => reader(prompt)));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / counts.reduce((sum, count) => sum + count, 0);
}

async function readPlainly(prompt: string): Promise<number> {
  const outgoing = request(`${url}/v1/chat/completions`, { method: 'POST' });
  outgoing.end(
    JSON.stringify({ model: 'simulator', stream: true, messages: [{ role: 'user', content: prompt }] }),
  );
  const [incoming] = await once(outgoing, 'response');
  let rest = '';
  let count = 0;
  for await (const chunk of incoming.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('data: {')) continue;
      if (JSON.parse(line.slice('data: '.length)).choices[0]?.delta.content) count++;
    }
  }
  return count;
}

async function readProvider(prompt: string): Promise<number> {
  const { model: endpoint } = specOf(prompt);
  if (!endpoint) throw new Error('no model');
  const model = languageModelOf(endpoint, outbound.fetchFor(undefined));
  if (model.specificationVersion !== 'v4') throw new Error('no model of version 4');
  const { stream } = await model.doStream({
    prompt: [{ role: 'user', content: [{ type: 'text', text: prompt }] }],
  });
  let count = 0;
  for await (const part of stream) if (part.type === 'text-delta') count++;
  return count;
}

async function readEngine(prompt: string): Promise<number> {
  let count = 0;
  await runTurn(engines, {
    spec: specOf(prompt),
    emit: ({ type }) => {
      if (type === 'text-delta') count++;
    },
    ready: () => Promise.resolve(),
    onInput: () => {},
    signal: new AbortController().signal,
    readBlob: () => Promise.resolve(undefined),
  });
  return count;
}

function specOf(text: string): ExecutionSpec {
  return ExecutionSpec.parse({
    executionId: 'execution',
    taskId: 'task',
    messageId: 'message',
    attempt: 1,
    namespace: 'default',
    owner: { userId: 'user', name: 'ada' },
    taskType: 'chat',
    bot: { name: 'helper', namespace: 'default' },
    shell: {
      name: 'chat',
      shellType: 'Chat',
      network: 'open',
      turnSeconds: 600,
      idleSeconds: 60,
      startSeconds: 60,
      maxAttempts: 1,
    },
    model: {
      name: 'model',
      protocol: 'openai-chat',
      modelId: 'simulator',
      baseUrl: url,
      headers: {},
      env: {},
      capabilities: {},
    },
    systemPrompt: '',
    mcpServers: {},
    approvals: [],
    skills: [],
    history: [],
    input: { role: 'user', text },
    options: {},
  });
}
