import type { ExecutionEvent, Message } from '@wegent/api';

/** A piece of a log; pieces that do not end with a line feed are gone on by the next one. */
export interface LogPiece {
  text: string;
  /** Milliseconds since 1970. */
  at: number;
}

/** Turns the events of a task into the text of its log, in order; it remembers what has been begun. */
export function createRunLog() {
  let open = false;
  const line = (text: string) => {
    const lead = open ? '\n' : '';
    open = false;
    return `${lead}${text.replace(/\n+$/, '')}\n`;
  };

  return {
    /** The text of one event; empty for what a log does not show. */
    write(event: ExecutionEvent): string {
      switch (event.type) {
        case 'run-start':
          return line(`--- ${event.bot.name} (${event.shellType}${event.model ? `, ${event.model}` : ''})`);
        case 'text-delta':
          if (event.text === '') return '';
          open = !event.text.endsWith('\n');
          return event.text;
        case 'text-end':
          return open ? line('').slice(0, 1) : '';
        case 'tool-call':
          return line(`--- ${event.tool}: ${event.title}`);
        case 'tool-output':
          return event.isError ? line(`--- failed: ${asText(event.output)}`) : '';
        case 'approval-request':
          return line(`--- waits for approval: ${event.tool}: ${event.title}`);
        case 'approval-decided':
          return line(`--- ${event.decision}`);
        case 'question':
          return line(`--- asks: ${event.questions.map(({ text }) => text).join(' / ')}`);
        case 'log':
          return line(event.text);
        case 'phase':
          return line(`--- ${event.text}`);
        case 'warning':
          return line(`--- warning: ${event.message}`);
        case 'files-changed':
          return event.files.length === 0
            ? ''
            : line(`--- changed: ${event.files.map(({ path }) => path).join(', ')}`);
        case 'finish':
          return line(`--- ${event.outcome}${event.error ? `: ${event.error.message}` : ''}`);
        default:
          return '';
      }
    },
  };
}

/** The log of what is known as messages only, since its events are not kept any more. */
export function logOfMessage({ sender, role, blocks, text, createdAt, status }: Message): LogPiece[] {
  if (role !== 'assistant') return [];
  const at = Date.parse(createdAt);
  const name = 'bot' in sender ? sender.bot.name : sender.name;
  const lines = blocks.flatMap((block) => {
    if (block.type === 'text') return [block.text];
    if (block.type === 'log') return [block.text];
    return block.type === 'tool' ? [`--- ${block.tool}: ${block.title}`] : [];
  });
  const shown = lines.length > 0 ? lines : [text];
  return [`--- ${name}`, ...shown, `--- ${status}`].map((content) => ({
    text: `${content.replace(/\n+$/, '')}\n`,
    at,
  }));
}

function asText(output: unknown): string {
  const text = typeof output === 'string' ? output : (JSON.stringify(output) ?? '');
  return text.slice(0, 2_000);
}
