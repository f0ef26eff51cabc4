import { createInterface, type Interface } from 'node:readline/promises';
import { sendNewTask } from '@wegent/client';
import type { Command } from 'commander';
import { type Connection, connect, type GlobalOptions } from '../connect.ts';
import { answerTo, type Conversation, openConversation } from '../conversation.ts';
import { CommandError, EXIT, explainFailure } from '../failure.ts';
import { createAnswerPrinter, isOver } from '../output/answer-printer.ts';
import { printable } from '../output/printable.ts';
import { readReference } from '../resource-names.ts';
import { createDecider } from './decisions.ts';

/** `wegent chat team/a`: a conversation in the terminal. */
export function registerChat(program: Command): void {
  program
    .command('chat')
    .summary('talk to an agent')
    .description('Talks to an agent in the terminal. Ctrl+C stops an answer, Ctrl+D ends the conversation.')
    .argument('[team]', 'who answers: team/name or name')
    .option('--task <id>', 'go on with this conversation')
    .action(async (team: string | undefined, _options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { task?: string }>();
      if (!process.stdin.isTTY)
        throw new CommandError('chat needs a terminal; in scripts use `wegent run`', EXIT.usage);
      if ((team === undefined) === (options.task === undefined))
        throw new CommandError('say either who shall answer, or --task', EXIT.usage);
      await chat({ connection: await connect(options), team, taskId: options.task });
    });
}

async function chat({
  connection,
  team,
  taskId,
}: {
  connection: Connection;
  team: string | undefined;
  taskId: string | undefined;
}): Promise<void> {
  const socket = connection.openSocket();
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  let conversation = taskId === undefined ? undefined : openConversation({ socket, taskId });
  try {
    for (;;) {
      const text = await read(terminal);
      if (text === undefined) break;
      if (text.trim() === '') continue;
      let messageId: string;
      if (conversation) {
        const sent = await conversation.session.send({ message: text });
        if (!sent.ok) {
          process.stderr.write(`${explainFailure(sent.error).message}\n`);
          continue;
        }
        messageId = sent.ack.messageId;
      } else {
        const { name } = readReference(team ?? '', 'team');
        const ack = await sendNewTask(socket, {
          team: { name, namespace: connection.namespace },
          message: text,
        });
        conversation = openConversation({ socket, taskId: ack.taskId });
        messageId = ack.messageId;
      }
      await showAnswer({ connection, conversation, messageId, terminal });
    }
  } finally {
    conversation?.close();
    terminal.close();
    socket.close();
  }
}

/** A line of the person; nothing when they end the conversation. */
async function read(terminal: Interface): Promise<string | undefined> {
  const ended = new AbortController();
  const end = () => ended.abort();
  terminal.once('close', end);
  terminal.once('SIGINT', end);
  try {
    return await terminal.question('› ', { signal: ended.signal });
  } catch {
    process.stdout.write('\n');
    return undefined;
  } finally {
    terminal.off('close', end);
    terminal.off('SIGINT', end);
  }
}

async function showAnswer({
  connection,
  conversation,
  messageId,
  terminal,
}: {
  connection: Connection;
  conversation: Conversation;
  messageId: string;
  terminal: Interface;
}): Promise<void> {
  const notes = (line: string) => void process.stderr.write(`${line}\n`);
  const printer = createAnswerPrinter({ text: (chunk) => void process.stdout.write(chunk), notes });
  const decider = createDecider({ api: connection.api, policy: 'ask', terminal, notes });
  const stop = () => void conversation.session.cancel(undefined).catch(() => undefined);
  terminal.on('SIGINT', stop);
  try {
    const answer = await conversation.follow((view) => {
      const current = answerTo(view, messageId);
      if (!current) return undefined;
      printer.show(current);
      decider.handle(current, (error) => notes(explainFailure(error).message));
      return isOver(current) ? current : undefined;
    });
    printer.end();
    if (answer.status === 'failed') notes(`! ${printable(answer.error?.message ?? 'the run failed')}`);
    if (answer.status === 'cancelled') notes('(stopped)');
  } finally {
    terminal.off('SIGINT', stop);
  }
}
