import { expect, test } from 'vitest';
import { answersOf, answerText } from './answers.ts';

const questions = [
  { id: 'q1', text: 'One?', options: [{ value: 'a', label: 'A — first' }] },
  { id: 'q2', text: 'Many?', multiple: true, options: [{ value: 'x', label: 'X' }] },
  { id: 'q3', text: 'Say' },
];

test('every question wants an answer', () => {
  expect(answersOf(questions, { q1: { picked: ['a'], text: '' } })).toBeUndefined();
  const all = {
    q1: { picked: ['a'], text: '' },
    q2: { picked: ['x'], text: ' mine ' },
    q3: { picked: [], text: 'words' },
  };
  expect(answersOf(questions, all)).toEqual({ q1: 'a', q2: ['x', 'mine'], q3: 'words' });
});

test('own words take the place of a single choice', () => {
  expect(answersOf([{ id: 'q', text: '?' }], { q: { picked: ['a'], text: 'other' } })).toEqual({
    q: 'other',
  });
});

test('answers are read by their labels', () => {
  expect(answerText('a', { id: 'q', text: '', options: [{ value: 'a', label: 'A' }] })).toBe('A');
  expect(answerText(['a', 'own'], { id: 'q', text: '', options: [{ value: 'a', label: 'A' }] })).toBe(
    'A, own',
  );
});
