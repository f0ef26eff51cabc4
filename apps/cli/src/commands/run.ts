import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { text as readText } from 'node:stream/consumers';
import type { Message } from '@wegent/api';
import { sendNewTask } from '@wegent/client';
import type { Command } from 'commander';
import { type Connection, connect, type GlobalOptions } from '../connect.ts';
import { answerTo, openConversation } from '../conversation.ts';
import { CommandError, EXIT, explainFailure } from '../failure.ts';
import { createAnswerPrinter, isOver } from '../output/answer-printer.ts';
import { readFormat } from '../output/formats.ts';
import { readReference } from '../resource-names.ts';
import { collect } from './collect.ts';
import { APPROVAL_POLICIES, type ApprovalPolicy, createDecider } from './decisions.ts';
import { readSeconds } from './seconds.ts';
import { createStop, type Stop } from './stop.ts';

const FORMATS = ['text', 'json'] as const;

interface RunOptions extends GlobalOptions {
  output: (typeof FORMATS)[number];
  approve: ApprovalPolicy;
  repository?: string;
  branch?: string;
  attach?: string[];
  workspace?: string;
  title?: string;
  timeout?: number;
  detach?: boolean;
  quiet?: boolean;
}

/** `wegent run team/reviewer "look at this"`: one task, for scripts and CI jobs. */
export function registerRun(program: Command): void {
  program
    .command('run')
    .summary('give a task to an agent and wait for the answer')
    .description(
      'Gives a task to an agent and streams its answer. Ends with 0 when it completed, 1 when it failed, 130 when it was cancelled (Ctrl+C cancels), 124 after --timeout.',
    )
    .argument('<team>', 'who answers: team/name or name; -n says in which namespace')
    .argument('[prompt]', 'what to do; - or nothing reads the standard input')
    .option(
      '-o, --output <format>',
      'text: the answer as it is written; json: the finished message',
      (word) => readFormat(word, FORMATS),
      'text',
    )
    .option('--repository <url>', 'work on this git repository')
    .option('--branch <name>', 'begin at this branch')
    .option('--workspace <name>', 'work in this Workspace')
    .option(
      '--approve <policy>',
      `what agents ask before they act: ${APPROVAL_POLICIES.join(', ')}`,
      (word) => readFormat(word, APPROVAL_POLICIES, '--approve'),
      'ask',
    )
    .option('-a, --attach <file>', 'send this file along; may be given several times', collect)
    .option('--title <text>', 'what lists call the task')
    .option('--timeout <duration>', 'cancel the task after this time, such as 90s or 30m', readSeconds)
    .option('--detach', 'print the id of the task and do not wait')
    .option('-q, --quiet', 'nothing but the answer')
    .action(async (team: string, prompt: string | undefined, _options, command: Command) => {
      await run(team, prompt, command.optsWithGlobals<RunOptions>());
    });
}

async function run(team: string, prompt: string | undefined, options: RunOptions): Promise<void> {
  const { name } = readReference(team, 'team');
  const message = await promptOf(prompt);
  const connection = await connect(options);
  const { namespace } = connection;
  const type = options.repository !== undefined || options.workspace !== undefined ? 'code' : 'chat';
  const attachmentIds = await upload(connection, options.attach ?? []);
  const payload = {
    team: { name, namespace },
    message,
    type,
    ...(options.title === undefined ? {} : { title: options.title }),
    ...(attachmentIds.length === 0 ? {} : { attachmentIds }),
    ...workspaceOf(options, namespace),
  } as const;
  if (options.detach) {
    const { taskId } = await connection.api.tasks.create(payload);
    process.stdout.write(`${taskId}\n`);
    return;
  }
  // A connection waits for a server that is away; whoever starts a task wants to know.
  await connection.api.users.me();
  const socket = connection.openSocket();
  const notes = options.quiet ? () => undefined : (line: string) => void process.stderr.write(`${line}\n`);
  const terminal =
    process.stdin.isTTY && prompt !== undefined && prompt !== '-'
      ? createInterface({ input: process.stdin, output: process.stderr })
      : undefined;
  const stop = createStop({ timeout: options.timeout, terminal });
  try {
    const { taskId, messageId } = await sendNewTask(socket, payload, stop.signal);
    const conversation = openConversation({ socket, taskId });
    try {
      const printer = createAnswerPrinter({
        text: (chunk) => void (options.output === 'text' && process.stdout.write(chunk)),
        notes,
      });
      const decider = createDecider({ api: connection.api, policy: options.approve, terminal, notes });
      const answered = conversation.follow((view) => {
        const current = answerTo(view, messageId);
        if (!current) return undefined;
        printer.show(current);
        decider.handle(current, (error) => notes(explainFailure(error).message));
        return isOver(current) ? current : undefined;
      });
      const cancelled = stop.whenStopped(() => conversation.session.cancel());
      // Its last line ends, however it ends.
      const answer = await Promise.race([answered, cancelled]).finally(printer.end);
      if (options.output === 'json') process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
      endWith(answer, stop);
    } finally {
      conversation.close();
    }
  } finally {
    stop.end();
    terminal?.close();
    socket.close();
  }
}

async function promptOf(prompt: string | undefined): Promise<string> {
  if (prompt === undefined && process.stdin.isTTY)
    process.stderr.write('What shall be done? Ctrl+D ends the text.\n');
  const message = prompt === undefined || prompt === '-' ? await readText(process.stdin) : prompt;
  if (message.trim() === '') throw new CommandError('the prompt is empty; say what to do', EXIT.usage);
  return message;
}

function workspaceOf({ repository, branch, workspace }: RunOptions, namespace: string) {
  if (repository !== undefined && workspace !== undefined)
    throw new CommandError('say either --repository or --workspace', EXIT.usage);
  if (workspace !== undefined) return { workspace: { name: workspace, namespace } };
  if (repository === undefined) {
    if (branch !== undefined) throw new CommandError('--branch needs --repository', EXIT.usage);
    return {};
  }
  return { workspace: { gitUrl: repository, ...(branch === undefined ? {} : { branchName: branch }) } };
}

/** Sends the files that the prompt speaks of. */
async function upload({ api }: Connection, files: readonly string[]): Promise<string[]> {
  const contents = await Promise.all(
    files.map(async (file) => {
      const content = await readFile(file).catch((error: Error) => {
        throw new CommandError(`--attach: ${error.message}`, EXIT.usage);
      });
      return new File([content], path.basename(file));
    }),
  );
  const sent = await Promise.all(contents.map((file) => api.attachments.upload(file)));
  return sent.map(({ id }) => id);
}

function endWith({ status, error }: Message, { signal }: Stop): void {
  if (status === 'completed') return;
  if (signal.aborted && signal.reason.exitCode === EXIT.timeout)
    throw new CommandError('the time is over; the task was cancelled', EXIT.timeout);
  if (status === 'failed')
    throw new CommandError(`${error?.message ?? 'the run failed'} (${error?.reason ?? 'Internal'})`);
  throw new CommandError(`the run was ${status}`, EXIT.cancelled);
}
