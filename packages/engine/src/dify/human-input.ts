import type { ExecutionEvent } from '@wegent/api';
import type { InputDesk } from '../input-desk.ts';
import { RunFailure } from '../run-failure.ts';
import { asRecord, textIn } from './dify-event.ts';

type Questions = Extract<ExecutionEvent, { type: 'question' }>['questions'];

/** A form that a workflow waits for. */
export interface HumanForm {
  /** Absent when it was sent by e-mail and cannot be answered here. */
  token: string | undefined;
  title: string;
  content: string;
  inputs: { name: string; type: string }[];
  actions: { id: string; title: string }[];
}

/** The question for the button that ends a form. */
const ACTION = 'action';

/** Reads a form; what is missing is empty. */
export function formOf(data: Record<string, unknown>): HumanForm {
  const token = textIn(data, 'form_token');
  return {
    token: /^[\w.~-]{1,200}$/.test(token) && !/^\.+$/.test(token) ? token : undefined,
    title: textIn(data, 'node_title'),
    content: textIn(data, 'form_content'),
    inputs: recordsIn(data.inputs).map((input) => ({
      name: textIn(input, 'output_variable_name'),
      type: textIn(input, 'type'),
    })),
    actions: recordsIn(data.actions).map((action) => ({
      id: textIn(action, 'id'),
      title: textIn(action, 'title') || textIn(action, 'id'),
    })),
  };
}

/** Asks the people of the turn to fill in a form; what they say, as the server takes it. */
export async function askForm(
  form: HumanForm,
  { desk, appName }: { desk: InputDesk; appName: string },
): Promise<{ inputs: Record<string, unknown>; action: string }> {
  const files = form.inputs.find((input) => input.type.startsWith('file'));
  if (form.token === undefined || files)
    throw new RunFailure({
      reason: 'ModelBadRequest',
      message: `The workflow “${appName}” waits at “${form.title}” for ${files ? 'a file' : 'an answer by e-mail'}, which cannot be given here. Answer it in Dify, or change the step.`,
      retryable: false,
    });
  const heading = [form.title, form.content].filter(Boolean).join('\n\n');
  const questions: Questions = [
    ...form.inputs.map(({ name }) => ({ id: `input:${name}`, text: name })),
    ...(form.actions.length === 0
      ? []
      : [
          {
            id: ACTION,
            text: 'How do you decide?',
            options: form.actions.map(({ id, title }) => ({ value: id, label: title })),
          },
        ]),
  ];
  const [first = { id: ACTION, text: 'Go on?' }, ...others] = questions;
  const answers = await desk.askQuestions([
    { ...first, text: [heading, first.text].filter(Boolean).join('\n\n') },
    ...others,
  ]);
  const inputs = form.inputs.map(({ name }) => [name, one(answers[`input:${name}`])]);
  return { inputs: Object.fromEntries(inputs), action: one(answers[ACTION]) || form.actions[0]?.id || '' };
}

function one(answer: unknown): string {
  const [first] = Array.isArray(answer) ? answer : [answer];
  return typeof first === 'string' ? first : '';
}

function recordsIn(value: unknown): Record<string, unknown>[] {
  return (Array.isArray(value) ? value : []).map(asRecord).filter((record) => record !== undefined);
}
