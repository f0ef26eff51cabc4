import {
  faultOfInput,
  type InputFault,
  type InputField,
  type InputValues,
  isEmptyInput,
  type MemberInputForm,
} from '@wegent/api';

/** What several applications ask for as one form: who asks for the same variable gets the same value. Pure. */
export function mergeFields(applications: readonly MemberInputForm[]): InputField[] {
  const fields = new Map<string, InputField>();
  for (const field of applications.flatMap(({ form }) => form?.fields ?? [])) {
    const known = fields.get(field.variable);
    fields.set(field.variable, known ? { ...known, required: known.required || field.required } : field);
  }
  return [...fields.values()];
}

/** What a form begins with: what was given before, else what the application presets. Files are given anew. Pure. */
export function startValues(fields: readonly InputField[], before: InputValues | undefined): InputValues {
  const values = fields.flatMap(({ variable, preset }): [string, InputValues[string]][] => {
    const value = before?.[variable] ?? preset;
    return value === undefined || Array.isArray(value) ? [] : [[variable, value]];
  });
  return Object.fromEntries(values);
}

/** What is wrong, by variable. Pure. */
export function faultsOf(fields: readonly InputField[], values: InputValues): Map<string, InputFault> {
  return new Map(
    fields.flatMap((field): [string, InputFault][] => {
      const fault = faultOfInput(field, values[field.variable]);
      return fault ? [[field.variable, fault]] : [];
    }),
  );
}

/** What is sent of a form: what is filled in, of fields that are there. Pure. */
export function filledValues(fields: readonly InputField[], values: InputValues): InputValues {
  return Object.fromEntries(
    fields.flatMap(({ variable }) => {
      const value = values[variable];
      return value === undefined || isEmptyInput(value) ? [] : [[variable, value] as const];
    }),
  );
}
