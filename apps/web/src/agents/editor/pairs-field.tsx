import { Input } from 'antd';
import { type ReactNode, useState } from 'react';
import { pairsFromText, textFromPairs } from '../draft/pairs.ts';
import type { Problem } from '../draft/problems.ts';
import { Field } from './field.tsx';

/** Pairs such as headers or an environment, one a line. */
export function PairsField({
  label,
  hint,
  problems,
  separator,
  value,
  locked,
  onChange,
}: {
  label: string;
  hint?: ReactNode;
  problems?: readonly Problem[];
  separator: ':' | '=';
  value: unknown;
  locked: boolean;
  onChange: (pairs: Record<string, string> | undefined) => void;
}) {
  const said = textFromPairs(value, separator);
  // A line that is being written is no pair yet, so the text is kept as long as it means what the draft holds.
  const [text, setText] = useState(said);
  const shown =
    JSON.stringify(pairsFromText(text, separator)) === JSON.stringify(pairsFromText(said, separator))
      ? text
      : said;
  return (
    <Field label={label} hint={hint} {...(problems ? { problems } : {})}>
      {(control) => (
        <Input.TextArea
          {...control}
          value={shown}
          disabled={locked}
          autoSize={{ minRows: 1, maxRows: 8 }}
          spellCheck={false}
          autoComplete="off"
          onChange={({ target }) => {
            setText(target.value);
            onChange(pairsFromText(target.value, separator));
          }}
        />
      )}
    </Field>
  );
}
