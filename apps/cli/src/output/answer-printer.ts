import type { Block, Message } from '@wegent/api';
import { printable, printSafe } from './printable.ts';

/** Where an answer is printed. Text that a program may want goes to `text`, everything else to `notes`. */
export interface AnswerStreams {
  text: (chunk: string) => void;
  notes: (line: string) => void;
}

/**
 * Prints an answer while it is written, from one state of its message after the other. Blocks are printed one after the
 * other, even where members of a Team write at the same time; what waits behind an unfinished block comes when that is done.
 */
export function createAnswerPrinter({ text, notes }: AnswerStreams) {
  let block = 0;
  let printed = '';
  let speaker: string | undefined;
  let lineOpen = false;

  function write(chunk: string): void {
    if (chunk === '') return;
    text(chunk);
    lineOpen = !chunk.endsWith('\n');
  }

  function note(line: string): void {
    endLine();
    notes(line);
  }

  function endLine(): void {
    if (lineOpen) text('\n');
    lineOpen = false;
  }

  function announce(message: Message, current: Block): void {
    const name = speakerOf(message, current.executionId);
    if (name === undefined || name === speaker) return;
    speaker = name;
    note(`── ${printable(name)} ──`);
  }

  return {
    /** Prints what is new. */
    show(message: Message): void {
      const final = isOver(message);
      for (let current = message.blocks[block]; current; current = message.blocks[block]) {
        if (!isShown(message, current)) {
          block += 1;
          continue;
        }
        if (current.type === 'text') {
          if (current.text !== '') announce(message, current);
          if (!current.text.startsWith(printed)) {
            note('(the answer began again)');
            printed = '';
          }
          write(printSafe(current.text.slice(printed.length)));
          printed = current.text;
          if (!current.done && !final) return;
          endLine();
        } else {
          // Whoever runs the command answers it; the printer says what came of it.
          if (isOpen(current) && !final) return;
          const line = noteOf(current);
          if (line !== undefined) {
            announce(message, current);
            note(line);
          }
        }
        printed = '';
        block += 1;
      }
    },
    /** Ends the last line. */
    end: endLine,
  };
}

/** Will the answer not change any more? */
export function isOver({ status }: Pick<Message, 'status'>): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled' || status === 'skipped';
}

function isOpen(block: Block): boolean {
  if (block.type === 'approval') return block.decision === undefined;
  if (block.type === 'question') return block.answers === undefined;
  return false;
}

/** How a leader chooses who answers is not what was asked for. */
function isShown(message: Message, { executionId, type }: Block): boolean {
  if (type === 'reasoning' || type === 'log') return false;
  return message.runs?.find((run) => run.executionId === executionId)?.step?.kind !== 'route';
}

function speakerOf({ turn, runs }: Message, executionId: string): string | undefined {
  if (!turn || turn.members.length < 2) return undefined;
  const run = runs?.find((one) => one.executionId === executionId);
  return run?.step?.member ?? run?.bot?.name;
}

function noteOf(block: Block): string | undefined {
  switch (block.type) {
    case 'tool':
      return `· ${printable(block.title === '' ? block.tool : block.title)}`;
    case 'child':
      return `→ ${printable(block.bot.name)}: ${shorten(printable(block.instruction))}`;
    case 'files':
      return `· ${block.files.length} files changed`;
    case 'phase':
      return `· ${printable(block.text)}`;
    case 'warning':
      return `! ${printable(block.message)}`;
    case 'approval':
      return `? ${printable(block.title)}: ${block.decision ?? 'nobody decided'}`;
    case 'question':
      return `? ${printable(block.questions[0]?.text ?? '')}`;
    default:
      return undefined;
  }
}

function shorten(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 99)}…`;
}
