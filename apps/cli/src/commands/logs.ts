import { ApiError, type Message } from '@wegent/api';
import type { ApiClient } from '@wegent/client';
import type { Command } from 'commander';
import { connect, type GlobalOptions } from '../connect.ts';
import { openConversation } from '../conversation.ts';
import { createAnswerPrinter, isOver } from '../output/answer-printer.ts';
import { printSafe } from '../output/printable.ts';

/** `wegent logs TASK -f`: what was said and done in a task. */
export function registerLogs(program: Command): void {
  program
    .command('logs')
    .summary('show what was said and done in a task')
    .description('Shows what was said and done in a task; with -f until nothing runs in it any more.')
    .argument('<task>', 'id or name of the task, or task/name')
    .option('-f, --follow', 'go on while it runs')
    .action(async (word: string, _options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { follow?: boolean }>();
      const { api, namespace, openSocket } = await connect(options);
      const name = word.replace(/^tasks?\//, '');
      const taskId = await idOf(api, { namespace, name });
      const socket = openSocket();
      const conversation = openConversation({ socket, taskId });
      try {
        const print = printer();
        await conversation.follow(({ messages, task: { phase } }) => {
          print(messages);
          const idle = phase !== 'Pending' && phase !== 'Running' && messages.every(isOver);
          return idle || !options.follow ? true : undefined;
        });
      } finally {
        conversation.close();
        socket.close();
      }
    });
}

/** A Task by its name; what is no name may be an id. */
async function idOf(
  api: ApiClient,
  { namespace, name }: { namespace: string; name: string },
): Promise<string> {
  try {
    return (await api.resources.get({ plural: 'tasks', namespace, name })).metadata.uid ?? name;
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'NotFound') return name;
    throw error;
  }
}

/** Prints a whole conversation, each part once. */
function printer(): (messages: readonly Message[]) => void {
  const text = (chunk: string) => void process.stdout.write(chunk);
  const printed = new Set<string>();
  const answers = new Map<string, ReturnType<typeof createAnswerPrinter>>();
  return (messages) => {
    for (const message of messages) {
      if (message.role === 'user') {
        if (!printed.has(message.id)) text(`› ${printSafe(message.text).replaceAll('\n', '\n  ')}\n`);
        printed.add(message.id);
        continue;
      }
      const answer =
        answers.get(message.id) ?? createAnswerPrinter({ text, notes: (line) => text(`${line}\n`) });
      answers.set(message.id, answer);
      answer.show(message);
      if (!isOver(message)) return;
      answer.end();
      if (!printed.has(message.id) && message.status === 'failed')
        text(`! ${printSafe(message.error?.message ?? 'failed')}\n`);
      printed.add(message.id);
    }
  };
}
