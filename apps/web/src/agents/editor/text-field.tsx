import { Input, InputNumber, Select } from 'antd';
import type { ReactNode } from 'react';
import type { Problem } from '../draft/problems.ts';
import { textOf } from '../draft/words.ts';
import { Field } from './field.tsx';

interface SimpleField<Value> {
  label: string;
  hint?: ReactNode;
  placeholder?: string;
  problems?: readonly Problem[];
  locked: boolean;
  value: unknown;
  /** Undefined: nothing is said, so what is usual counts. */
  onChange: (value: Value | undefined) => void;
}

/** A line of text of the draft that is no prose: an address, an id, an image. */
export function TextField({
  locked,
  value,
  placeholder,
  secret = false,
  onChange,
  ...about
}: SimpleField<string> & { secret?: boolean }) {
  const shown = textOf(value);
  return (
    <Field {...about}>
      {(control) => {
        const props = {
          ...control,
          value: shown,
          disabled: locked,
          spellCheck: false,
          ...(placeholder === undefined ? {} : { placeholder }),
          onChange: ({ target }: { target: { value: string } }) => onChange(target.value || undefined),
        };
        if (!secret) return <Input {...props} autoComplete="off" />;
        return (
          <Input.Password
            {...props}
            autoComplete="new-password"
            // The mask tells nothing; whoever types means another secret.
            visibilityToggle={!MASKED.test(shown)}
            onFocus={({ target }) => MASKED.test(shown) && target.select()}
          />
        );
      }}
    </Field>
  );
}

const MASKED = /^\*+$/;

/** A number of the draft. */
export function NumberField({
  locked,
  value,
  placeholder,
  min,
  max,
  whole = true,
  suffix,
  onChange,
  ...about
}: SimpleField<number> & { min: number; max?: number; whole?: boolean; suffix?: string }) {
  return (
    <Field {...about}>
      {(control) => (
        <InputNumber
          {...control}
          min={min}
          {...(max === undefined ? {} : { max })}
          {...(whole ? { precision: 0 } : {})}
          {...(suffix === undefined ? {} : { suffix })}
          {...(placeholder === undefined ? {} : { placeholder })}
          controls={false}
          className="w-full!"
          disabled={locked}
          value={typeof value === 'number' ? value : null}
          onChange={(next) => onChange(next ?? undefined)}
        />
      )}
    </Field>
  );
}

/** One of a few values of the draft. */
export function ChoiceField<Value extends string>({
  locked,
  value,
  options,
  onChange,
  ...about
}: Omit<SimpleField<Value>, 'placeholder'> & {
  value: Value;
  options: readonly { value: Value; label: string }[];
}) {
  return (
    <Field {...about}>
      {(control) => (
        <Select
          {...control}
          className="w-full"
          disabled={locked}
          value={value}
          options={[...options]}
          onChange={(next: Value) => onChange(next)}
        />
      )}
    </Field>
  );
}
