import type { ExecutionEvent } from '@wegent/api';
import { describe, expect, it } from 'vitest';
import { createLogWriter, lastLines } from './log-lines.ts';
import { createRunLog } from './run-log.ts';

const start = (name: string): ExecutionEvent => ({
  type: 'run-start',
  executionId: name,
  attempt: 1,
  bot: { namespace: 'default', name },
  shellType: 'Chat',
});
const says = (text: string): ExecutionEvent => ({ type: 'text-delta', blockId: 't', text });
const end: ExecutionEvent = { type: 'text-end', blockId: 't' };
const phase = (text: string): ExecutionEvent => ({ type: 'phase', text });
const done: ExecutionEvent = { type: 'finish', outcome: 'completed' };

function logOf(...events: [string, ExecutionEvent][]) {
  const log = createRunLog();
  const text = events.map(([executionId, event]) => log.write({ event, executionId })).join('');
  return { text, rest: log.rest() };
}

describe('the log of a task', () => {
  it('lets members that work at the same time speak one after the other', () => {
    const { text, rest } = logOf(
      ['a', start('a')],
      ['b', start('b')],
      ['a', says('Hel')],
      ['b', says('wor')],
      ['a', says('lo')],
      ['b', phase('thinks')],
      ['b', says('ld')],
      ['a', end],
      ['b', says('!')],
      ['b', end],
      ['a', done],
      ['b', done],
    );
    expect(text).toBe(
      '--- a (Chat)\n--- b (Chat)\n--- a\nHello\n--- b\nwor\n--- thinks\nld!\n--- a\n--- completed\n--- b\n--- completed\n',
    );
    expect(rest).toBe('');
  });

  it('shows all of it to whoever does not wait', () => {
    const { text, rest } = logOf(
      ['a', start('a')],
      ['a', says('Hel')],
      ['b', start('b')],
      ['b', says('wor')],
    );
    expect(text).toBe('--- a (Chat)\nHel');
    expect(rest).toBe('\n--- b (Chat)\nwor');
  });

  it('holds nobody up for one that began again or ended in the middle of a text', () => {
    const log = logOf(
      ['a', says('Hel')],
      ['b', says('wor\n')],
      ['a', start('a')],
      ['b', says('ld\n')],
      ['b', end],
    );
    expect(log.text).toBe('Hel\n--- a (Chat)\n--- agent\nwor\nld\n');
    expect(logOf(['a', says('Hel')], ['b', phase('x')], ['a', done]).text).toBe(
      'Hel\n--- completed\n--- agent\n--- x\n',
    );
  });
});

describe('parts of a log', () => {
  it('are its last lines', () => {
    expect(lastLines('a\nb\nc\n', 2)).toBe('b\nc\n');
    expect(lastLines('a\nb\nc', 2)).toBe('b\nc');
    expect(lastLines('a\n', 5)).toBe('a\n');
    expect(lastLines('\na\n', 2)).toBe('\na\n');
    expect(lastLines('\na\n', 1)).toBe('a\n');
    expect(lastLines('', 3)).toBe('');
    expect(lastLines('a\n', 0)).toBe('');
  });

  it('have the time in front of each line, once', () => {
    const write = createLogWriter({ timestamps: true });
    const at = (text: string, seconds: number) => write({ text, at: seconds * 1000 });
    expect(at('', 0) + at('a', 0) + at('b\nc', 1) + at('\n', 2) + at('', 2) + at('d\n', 3) + at('', 4)).toBe(
      '1970-01-01T00:00:00.000Z ab\n1970-01-01T00:00:01.000Z c\n1970-01-01T00:00:03.000Z d\n',
    );
  });
});
