import type { TaskMessage } from '@wegent/client';

const SUBJECT = 72;
const BODY = 20_000;

/** The subject of a commit from the title of the task: one line that hosts show whole. */
export function commitMessage(title: string): string {
  return cut(firstLine(title), SUBJECT);
}

/** The title of a pull request from the title of the task. */
export function pullRequestTitle(title: string): string {
  return cut(firstLine(title), 200);
}

/** The text of a pull request: what the agent said at the end. */
export function pullRequestBody(messages: readonly TaskMessage[]): string {
  const said = messages.findLast(
    ({ role, status, text }) => role === 'assistant' && status === 'completed' && text !== '',
  );
  return said ? cut(lastText(said), BODY) : '';
}

// What was said between the steps of the work is of no interest to who reads the result.
function lastText({ blocks, text }: TaskMessage): string {
  const last = blocks.findLast((block) => block.type === 'text' && block.text.trim() !== '');
  return last?.type === 'text' ? last.text.trim() : text.trim();
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0]?.trim() ?? '';
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`;
}
