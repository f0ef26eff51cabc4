import { Select } from 'antd';
import type { ReactNode } from 'react';
import type { Problem } from '../draft/problems.ts';
import { Field } from './field.tsx';

/** A list of words of the draft; with options, these are offered. An empty list is not written down. */
export function TagsField({
  options = [],
  locked,
  value,
  onChange,
  ...about
}: {
  label: string;
  hint?: ReactNode;
  problems?: readonly Problem[];
  options?: readonly { value: string; label: string }[];
  locked: boolean;
  value: unknown;
  onChange: (value: string[] | undefined) => void;
}) {
  return (
    <Field {...about}>
      {(control) => (
        <Select
          {...control}
          mode="tags"
          className="w-full"
          disabled={locked}
          tokenSeparators={[' ', ',']}
          {...(options.length === 0 ? { open: false, suffixIcon: null } : {})}
          value={Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []}
          options={[...options]}
          onChange={(next: string[]) => onChange(next.length === 0 ? undefined : next)}
        />
      )}
    </Field>
  );
}
