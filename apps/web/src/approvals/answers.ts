import type { Question, QuestionAnswers } from '@wegent/api';
import type { z } from 'zod';

/** One question of an agent. */
export type AskedQuestion = z.infer<typeof Question>;

/** What a person has picked and written for one question. */
export interface Draft {
  picked: readonly string[];
  text: string;
}

/** Nothing yet. */
export const NO_ANSWER: Draft = { picked: [], text: '' };

/** The answers in the form that the server takes; undefined while a question has none. */
export function answersOf(
  questions: readonly AskedQuestion[],
  drafts: Readonly<Record<string, Draft>>,
): QuestionAnswers['answers'] | undefined {
  const answers = questions.map(({ id, multiple }) => {
    const { picked, text } = drafts[id] ?? NO_ANSWER;
    const all = [...picked, ...(text.trim() === '' ? [] : [text.trim()])];
    // What is written in one's own words counts more than one choice.
    return [id, multiple ? all : all.at(-1)] as const;
  });
  if (answers.some(([, answer]) => answer === undefined || answer.length === 0)) return undefined;
  return Object.fromEntries(answers.map(([id, answer]) => [id, answer ?? '']));
}

/** An answer as people read it. */
export function answerText(answer: unknown, { options = [] }: AskedQuestion): string {
  const label = (value: unknown) => options.find((option) => option.value === value)?.label ?? String(value);
  return Array.isArray(answer) ? answer.map(label).join(', ') : label(answer);
}
