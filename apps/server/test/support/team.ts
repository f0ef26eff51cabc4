import type { Message } from '@wegent/api';
import { waitFor } from '@wegent/testing';
import { type ChatServer, document, type Person } from './chat-server.ts';
import type { ScriptedRun } from './scripted-run.ts';

/** A member of a Team that a suite makes: its Bot has its name. */
export interface MemberWish {
  name: string;
  shell?: 'Chat' | 'ClaudeCode' | 'Agno' | 'Dify';
  /** Name of its Model, in place of the demo model. */
  model?: string;
  leader?: boolean;
  confirm?: boolean;
  description?: string;
}

/** Makes a Team in the person's namespace, with a Ghost and a Bot for each member, and answers its reference. */
export async function makeTeam(
  person: Person,
  { name, members, ...spec }: { name: string; members: readonly MemberWish[] } & Record<string, unknown>,
): Promise<{ name: string; namespace: string }> {
  const { namespace } = person.user;
  const documents = [
    ...members.flatMap((member) => [
      document('Ghost', `${name}-${member.name}`, { systemPrompt: `I am ${member.name}.` }),
      document('Bot', `${name}-${member.name}`, {
        ghostRef: { name: `${name}-${member.name}` },
        shellRef: { name: member.shell ?? 'Chat' },
        modelRef: { name: member.model ?? (member.shell === 'ClaudeCode' ? 'demo-claude' : 'demo') },
      }),
    ]),
    document('Team', name, {
      ...spec,
      members: members.map((member) => ({
        name: member.name,
        botRef: { name: `${name}-${member.name}` },
        ...(member.leader ? { role: 'leader' } : {}),
        ...(member.confirm ? { requireConfirmation: true } : {}),
        ...(member.description ? { description: member.description } : {}),
      })),
    }),
  ];
  const answer = await person.call('POST', `/api/v1/namespaces/${namespace}/apply`, documents);
  if (answer.status !== 200) throw new Error(`the Team was not made: ${answer.text}`);
  return { name, namespace };
}

/** Takes the next run of a task and says whose it is. */
export async function nextMember(
  server: ChatServer,
  taskId: string,
): Promise<ScriptedRun & { member: string }> {
  const run = await server.nextRun(taskId);
  return { ...run, member: run.claim.spec.systemPrompt.replace(/^I am (\w+)\..*$/s, '$1') };
}

/** The newest answer of a task. */
export async function answerOf(person: Person, taskId: string): Promise<Message> {
  const answer = (await person.messages(taskId)).findLast(({ role }) => role === 'assistant');
  if (!answer) throw new Error(`task ${taskId} has no answer`);
  return answer;
}

/** The steps of an answer as people see them: which, and what became of it. */
export function stepsOf(message: Message): string[] {
  return (message.runs ?? []).map(({ step, state }) => `${step?.key} ${step?.member} ${state}`);
}

/** Waits until the sweep has seen that a run lost its manager. */
export async function loseManager(server: ChatServer, run: ScriptedRun): Promise<void> {
  await server.store.executions.expireLeasesOf('suite', Date.now());
  await waitFor(async () => (await server.store.executions.get(run.id))?.state === 'pending', {
    what: `run ${run.id} to be given to another manager`,
  });
}
