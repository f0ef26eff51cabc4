import { newClientMessageId, sendNewTask } from '@wegent/client';
import { useRouter } from 'next/navigation';
import { useRef, useState } from 'react';
import type { Agent } from '../agents/use-teams.ts';
import { taskLink } from '../frame/links.ts';
import { useChatSocket } from '../session/socket-provider.tsx';
import type { Written } from './composer.tsx';
import type { GivenInputs } from './inputs/use-inputs.tsx';

/** What a new task is besides its first message. */
export interface TaskStart {
  agent: Pick<Agent, 'name' | 'namespace'>;
  written: Written;
  people?: readonly string[];
  /** Makes it a coding task on this repository. */
  workspace?: { gitUrl: string; branchName?: string };
  /** Make a plan first. */
  plan?: boolean;
  /** What the form of the agent was filled in with. */
  given?: GivenInputs;
}

/**
 * Starts a task and goes there, or where `onStarted` says. Sending the same again, after a failure, does not start two.
 */
export function useStartTask(onStarted?: (taskId: string) => void) {
  const socket = useChatSocket();
  const router = useRouter();
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>();
  const attempt = useRef({ content: '', id: '' });

  async function start({
    agent,
    people = [],
    written,
    workspace,
    plan = false,
    given,
  }: TaskStart): Promise<boolean> {
    const type: 'code' | 'chat' = workspace ? 'code' : 'chat';
    const files = [...written.attachments, ...(given?.files ?? [])];
    const options = { ...(plan ? { plan } : {}), ...(given?.inputs ? { inputs: given.inputs } : {}) };
    const payload = {
      team: { name: agent.name, namespace: agent.namespace },
      type,
      message: written.message,
      ...(files.length === 0 ? {} : { attachmentIds: files.map(({ id }) => id) }),
      ...(written.modelOverride ? { modelOverride: written.modelOverride } : {}),
      ...(workspace ? { workspace } : {}),
      ...(Object.keys(options).length === 0 ? {} : { options }),
      ...(people.length === 0 ? {} : { participants: [...people] }),
    };
    const content = JSON.stringify(payload);
    if (attempt.current.content !== content) attempt.current = { content, id: newClientMessageId() };
    setSending(true);
    setError(undefined);
    try {
      const { taskId } = await sendNewTask(socket, { ...payload, clientMessageId: attempt.current.id });
      if (onStarted) onStarted(taskId);
      else router.replace(taskLink({ taskId, spec: { type } }));
      return true;
    } catch (cause) {
      setError(cause);
      setSending(false);
      return false;
    }
  }
  return { start, sending, error };
}
