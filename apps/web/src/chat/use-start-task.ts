import { newClientMessageId, sendNewTask } from '@wegent/client';
import { useRouter } from 'next/navigation';
import { useRef, useState } from 'react';
import type { Agent } from '../agents/use-teams.ts';
import { taskLink } from '../frame/links.ts';
import { useChatSocket } from '../session/socket-provider.tsx';
import type { Written } from './composer.tsx';

/** What a new task is besides its first message. */
export interface TaskStart {
  agent: Pick<Agent, 'name' | 'namespace'>;
  written: Written;
  people?: readonly string[];
  /** Makes it a coding task on this repository. */
  workspace?: { gitUrl: string; branchName?: string };
  /** Make a plan first. */
  plan?: boolean;
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
  }: TaskStart): Promise<boolean> {
    const type: 'code' | 'chat' = workspace ? 'code' : 'chat';
    const payload = {
      team: { name: agent.name, namespace: agent.namespace },
      type,
      message: written.message,
      ...(written.attachments.length === 0 ? {} : { attachmentIds: written.attachments.map(({ id }) => id) }),
      ...(written.modelOverride ? { modelOverride: written.modelOverride } : {}),
      ...(workspace ? { workspace } : {}),
      ...(plan ? { options: { plan } } : {}),
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
