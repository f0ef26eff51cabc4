/** The address of a task: a conversation, or work on code. */
export function taskLink({ taskId, spec }: { taskId: string; spec: { type: 'chat' | 'code' } }): string {
  return `/${spec.type}?task=${encodeURIComponent(taskId)}`;
}

/** The address of a new conversation, with an agent when one is already picked. */
export function newChatLink(team?: { name: string; namespace: string }): string {
  return `/chat${agentQuery(team)}`;
}

/** The address of a new coding task, with an agent when one is already picked. */
export function newCodeLink(team?: { name: string; namespace: string }): string {
  return `/code${agentQuery(team)}`;
}

/** The address at which to begin with an agent: a chat, or a coding task where it is only for those. */
export function newTaskLink(team: {
  name: string;
  namespace: string;
  spec: { bind_mode?: readonly string[] | undefined };
}): string {
  const chats = (team.spec.bind_mode ?? ['chat']).includes('chat');
  return chats ? newChatLink(team) : newCodeLink(team);
}

/** The address of the page about an agent. */
export function agentLink({ namespace, name }: { name: string; namespace: string }): string {
  return `/agents/view?${new URLSearchParams({ ns: namespace, name })}`;
}

function agentQuery(team: { name: string; namespace: string } | undefined): string {
  return team ? `?agent=${encodeURIComponent(`${team.namespace}/${team.name}`)}` : '';
}
