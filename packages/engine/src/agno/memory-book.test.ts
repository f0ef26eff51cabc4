import type { SpecMessage } from '@wegent/api';
import { describe, expect, it } from 'vitest';
import { planMemory } from './memory-book.ts';

const said = (id: string): SpecMessage => ({ id, role: 'user', text: id });
const answered = (id: string): SpecMessage => ({ id, role: 'assistant', text: id });
const place = (run: string, told: string[] = []) => ({ session: 's', run, told });

describe('planMemory', () => {
  it('follows the newest answer that a session holds, and tells what it does not', () => {
    const history = [said('q1'), answered('a1'), said('q2'), answered('failed'), said('q3')];
    expect(planMemory(history, { a1: place('r1', ['q1']) })).toEqual({
      follows: { session: 's', run: 'r1' },
      retell: history.slice(2),
    });
  });

  it('does not tell what the session got with that answer', () => {
    const history = [answered('a1'), said('late'), said('q2')];
    expect(planMemory(history, { a1: place('r1', ['late']) }).retell).toEqual([said('q2')]);
  });

  it('tells an answer that another member gave in the end', () => {
    const history = [said('q1'), { ...answered('a1'), author: 'ben' }, said('q2')];
    expect(planMemory(history, { a1: place('r1', ['q1']) })).toEqual({
      follows: { session: 's', run: 'r1' },
      retell: history.slice(1),
    });
  });

  it('does not follow an answer of another branch', () => {
    const history = [said('q1'), answered('a1')];
    expect(planMemory(history, { a1: place('r1'), a2: place('r2') }).follows).toEqual({
      session: 's',
      run: 'r1',
    });
  });

  it.each([
    ['no answer is known', [said('q1'), answered('a1')]],
    ['messages have no ids', [{ role: 'assistant', text: 'hello' } satisfies SpecMessage]],
    ['an id is a property of every object', [answered('constructor')]],
  ])('tells everything where %s', (_name, history) => {
    expect(planMemory(history, {})).toEqual({ retell: history });
  });
});
