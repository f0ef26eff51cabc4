import { ApiError } from '@wegent/api';
import { expect, test } from 'vitest';
import { type ChatSocket, type ConnectionState, createChatSocket } from '../src/chat-socket.ts';
import { startScriptServer } from './script-server.ts';
import { TASK_ID } from './scripted-task.ts';

test('requests get their answers, refusals become ApiErrors', async () => {
  await using server = await startScriptServer();
  using client = connect(server.url);
  await untilState(client.socket, 'online');
  const ack = await client.socket.request('task:join', { taskId: TASK_ID });
  expect(ack.task.taskId).toBe(TASK_ID);
  await expect(client.socket.request('task:join', { taskId: 'other' })).rejects.toMatchObject({
    reason: 'NotFound',
  });
});

test('a request without an answer ends with Timeout, one without a connection with ServiceUnavailable', async () => {
  await using server = await startScriptServer();
  using client = connect(server.url);
  const early = client.socket.request('task:join', { taskId: TASK_ID });
  await expect(early).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
  await untilState(client.socket, 'online');
  server.deaf.add('task:join');
  const unanswered = client.socket.request('task:join', { taskId: TASK_ID }, { timeoutMs: 50 });
  await expect(unanswered).rejects.toMatchObject({ reason: 'Timeout' });
  const broken = client.socket.request('task:join', { taskId: TASK_ID });
  server.cut();
  await expect(broken).rejects.toBeInstanceOf(ApiError);
});

test('a broken connection comes back', async () => {
  await using server = await startScriptServer();
  using client = connect(server.url);
  await untilState(client.socket, 'online');
  server.cut();
  await untilState(client.socket, 'offline');
  await untilState(client.socket, 'online');
});

test('an expired token is renewed once', async () => {
  await using server = await startScriptServer();
  server.refusal = 'expired';
  using client = connect(server.url, ({ renew }) => (renew ? 'good' : 'old'));
  await untilState(client.socket, 'online');
});

test('a token that stays refused ends the attempts until somebody connects again', async () => {
  await using server = await startScriptServer();
  const asked: boolean[] = [];
  using client = connect(server.url, ({ renew }) => {
    asked.push(renew);
    return 'bad';
  });
  const state = await untilState(client.socket, 'refused');
  expect(state).toEqual({ status: 'refused', reason: 'unauthorized' });
  expect(asked).toEqual([false, true]);
  server.tokens.add('bad');
  client.socket.connect();
  await untilState(client.socket, 'online');
});

test('a renewal that fails is tried again', async () => {
  await using server = await startScriptServer();
  let calls = 0;
  using client = connect(server.url, async () => {
    calls += 1;
    if (calls === 1) throw new ApiError('ServiceUnavailable', 'no network');
    return 'good';
  });
  await untilState(client.socket, 'online');
  expect(calls).toBe(2);
});

function connect(url: string, getToken: Parameters<typeof createChatSocket>[0]['getToken'] = () => 'good') {
  const socket = createChatSocket({ url, getToken });
  return { socket, [Symbol.dispose]: () => socket.close() };
}

function untilState(socket: ChatSocket, status: ConnectionState['status']): Promise<ConnectionState> {
  return new Promise((resolve) => {
    const look = () => {
      if (socket.state().status !== status) return;
      stop();
      resolve(socket.state());
    };
    const stop = socket.onState(look);
    look();
  });
}
