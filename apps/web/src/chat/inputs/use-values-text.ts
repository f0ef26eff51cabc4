import type { InputField, InputValues } from '@wegent/api';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { visibleName } from '../../ui/visible-name.ts';

const SHOWN = 60;

/** Says what a form is filled in with in one line. `fields` know what the variables are called. */
export function useValuesText(): (values: InputValues, fields?: readonly InputField[]) => string {
  const { t } = useTranslation('inputs');
  return useCallback(
    (values, fields = []) =>
      Object.entries(values)
        .flatMap(([variable, value]) => {
          if (Array.isArray(value) || value === '') return [];
          const label = fields.find((field) => field.variable === variable)?.label ?? variable;
          const text = typeof value === 'boolean' ? t(value ? 'yes' : 'no') : String(value);
          const short = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
          return [`${visibleName(label)}: ${visibleName(short)}`];
        })
        .join(' · '),
    [t],
  );
}
