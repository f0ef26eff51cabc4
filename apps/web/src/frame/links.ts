/** The address of a conversation. */
export function taskLink(taskId: string): string {
  return `/chat?task=${encodeURIComponent(taskId)}`;
}

/** The address of a new conversation, with an agent when one is already picked. */
export function newChatLink(team?: { name: string; namespace: string }): string {
  return team ? `/chat?agent=${encodeURIComponent(`${team.namespace}/${team.name}`)}` : '/chat';
}
