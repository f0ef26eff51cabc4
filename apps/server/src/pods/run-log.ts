import type { ExecutionEvent, Message } from '@wegent/api';

/** A piece of a log; pieces that do not end with a line feed are gone on by the next one. */
export interface LogPiece {
  text: string;
  /** Milliseconds since 1970. */
  at: number;
}

/** An event with the run that it is of. */
interface EventOfRun {
  event: ExecutionEvent;
  executionId: string;
}

/** What is known of a run that has begun. */
interface Voice {
  name: string;
  /** In the middle of a text, and of a line of it. */
  isSpeaking: boolean;
  isOpen: boolean;
  /** What waits until somebody else has spoken, and whether it says whose it is. */
  held: string;
  isNamed: boolean;
}

/**
 * Turns the events of a task into the text of its log, in order; it remembers what has been begun. Members of a Team
 * that work at the same time do not talk at the same time: what one does waits for the end of the text of another.
 */
export function createRunLog() {
  const voices = new Map<string, Voice>();
  let speaker: string | undefined;
  let last: Voice | undefined;

  function voiceOf(executionId: string): Voice {
    const known = voices.get(executionId);
    if (known) return known;
    const voice = { name: 'agent', isSpeaking: false, isOpen: false, held: '', isNamed: false };
    voices.set(executionId, voice);
    return voice;
  }

  /** Text as it follows what was shown, with a name where another one goes on. */
  function show(voice: Voice, text: string, isNamed: boolean): string {
    if (text === '' || last === voice) return text;
    const lead = last?.isOpen ? '\n' : '';
    if (last) last.isOpen = false;
    const name = last === undefined || isNamed ? '' : `--- ${voice.name}\n`;
    last = voice;
    return lead + name + text;
  }

  function showHeld(voice: Voice): string {
    const { held, isNamed } = voice;
    voice.held = '';
    return show(voice, held, isNamed);
  }

  /** Those that waited, until one of them is in the middle of a text. */
  function takeTurns(): string {
    let text = '';
    for (const [executionId, voice] of voices) {
      if (speaker !== undefined) break;
      text += showHeld(voice);
      if (voice.isSpeaking) speaker = executionId;
    }
    return text;
  }

  return {
    /** The text of one event; empty for what a log does not show, or not yet. */
    write({ event, executionId }: EventOfRun): string {
      const voice = voiceOf(executionId);
      const text = textOf(event, voice);
      if (event.type === 'text-delta') voice.isSpeaking = true;
      if (ENDS_OF_TEXT.has(event.type)) voice.isSpeaking = false;
      if (speaker !== undefined && speaker !== executionId) {
        if (voice.held === '') voice.isNamed = event.type === 'run-start';
        voice.held += text;
        return '';
      }
      speaker = voice.isSpeaking ? executionId : undefined;
      return show(voice, text, event.type === 'run-start') + takeTurns();
    },

    /** What still waits, for whoever does not wait for more. */
    rest: () => [...voices.values()].map(showHeld).join(''),
  };
}

const ENDS_OF_TEXT: ReadonlySet<string> = new Set(['text-end', 'run-start', 'finish', 'block-reset']);

function textOf(event: ExecutionEvent, voice: Voice): string {
  const line = (text: string) => {
    const lead = voice.isOpen ? '\n' : '';
    voice.isOpen = false;
    return `${lead}${text.replace(/\n+$/, '')}\n`;
  };
  switch (event.type) {
    case 'run-start':
      voice.name = event.bot.name;
      return line(`--- ${event.bot.name} (${event.shellType}${event.model ? `, ${event.model}` : ''})`);
    case 'text-delta':
      if (event.text === '') return '';
      voice.isOpen = !event.text.endsWith('\n');
      return event.text;
    case 'text-end':
      return voice.isOpen ? line('').slice(0, 1) : '';
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
