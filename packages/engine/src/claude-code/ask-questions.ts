import { z } from 'zod';
import type { InputDesk } from '../input-desk.ts';

const Questions = z.object({
  questions: z.array(
    z.object({
      question: z.string(),
      multiSelect: z.boolean().optional(),
      options: z.array(z.object({ label: z.string(), description: z.string().optional() })).optional(),
    }),
  ),
});

/** Asks the questions of AskUserQuestion. Gives its input with the answers; nothing when it has no valid form. */
export async function askQuestions(
  desk: InputDesk,
  input: Record<string, unknown>,
): Promise<Record<string, unknown> | undefined> {
  const parsed = Questions.safeParse(input);
  if (!parsed.success) return undefined;
  const { questions } = parsed.data;
  const given = await desk.askQuestions(
    questions.map(({ question, multiSelect, options }, index) => ({
      id: `q${index + 1}`,
      text: question,
      ...(multiSelect ? { multiple: true } : {}),
      ...(options && options.length > 0
        ? {
            options: options.map(({ label, description }) => ({
              value: label,
              label: description ? `${label} — ${description}` : label,
            })),
          }
        : {}),
    })),
  );
  const answers = questions.map(({ question }, index) => [question, answerText(given[`q${index + 1}`])]);
  return { ...input, answers: Object.fromEntries(answers) };
}

function answerText(answer: unknown): string {
  if (Array.isArray(answer)) return answer.map(String).join(', ');
  return answer === undefined || answer === null ? '(no answer)' : String(answer);
}
