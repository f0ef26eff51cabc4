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
    .description(
      'Talks to an agent in the terminal. Ctrl+C stops an answer, Ctrl+D ends the conversation; \\ at the end of a line goes on in the next.',
    )
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
  await connection.api.users.me();
  const socket = connection.openSocket();
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const typed: string[] = [];
  terminal.on('line', (line) => void typed.push(line));
  let conversation = taskId === undefined ? undefined : openConversation({ socket, taskId });
  let begun: string | undefined;
  try {
    for (;;) {
      const text = await read(terminal, typed);
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
        begun = ack.taskId;
        messageId = ack.messageId;
      }
      await showAnswer({ connection, conversation, messageId, terminal });
    }
    if (begun !== undefined) process.stderr.write(`Go on with: wegent chat --task ${begun}\n`);
  } finally {
    conversation?.close();
    terminal.close();
    socket.close();
  }
}

/**
 * What the person says; nothing when they end the conversation. A line that ends with a backslash goes on, and so does a
 * text of several lines that is pasted: none of it is lost, and it is one message. `typed` are lines that came while
 * nobody read, as during an answer.
 */
async function read(terminal: Interface, typed: string[]): Promise<string | undefined> {
  const lines = typed.splice(0);
  let more = lines.length === 0;
  while (more || lines.at(-1)?.endsWith('\\')) {
    const last = lines.at(-1);
    if (last?.endsWith('\\')) lines[lines.length - 1] = last.slice(0, -1);
    const line = await readLine(terminal, lines.length === 0 ? '› ' : '… ');
    if (typeof line !== 'string') return line.ended && lines.length === 0 ? undefined : '';
    // The rest of what was pasted has come with it; its last line may lack the line break.
    const pasted = typed.splice(0);
    lines.push(line, ...pasted);
    more = pasted.length > 0 && terminal.line !== '';
  }
  return lines.join('\n');
}

async function readLine(terminal: Interface, prompt: string): Promise<string | { ended: boolean }> {
  const stopped = new AbortController();
  let ended = true;
  const stop = () => {
    // Ctrl+C drops what is half written; where nothing is, it ends the conversation.
    ended = terminal.line === '';
    stopped.abort();
  };
  terminal.once('close', stop);
  terminal.once('SIGINT', stop);
  try {
    return await terminal.question(prompt, { signal: stopped.signal });
  } catch {
    process.stdout.write('\n');
    return { ended };
  } finally {
    terminal.off('close', stop);
    terminal.off('SIGINT', stop);
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
