import type { AttachmentInfo, InputFault, InputField, InputValue } from '@wegent/api';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { visibleName } from '../../ui/visible-name.ts';
import { InputControl } from './input-control.tsx';

const WIDE = ['paragraph', 'json', 'files'];

/** One field of a form with its name, and what is wrong with it. */
export function InputRow({
  field,
  value,
  fault,
  files,
  onChange,
  onFile,
}: {
  field: InputField;
  value: InputValue | undefined;
  fault: InputFault | undefined;
  files: ReadonlyMap<string, AttachmentInfo>;
  onChange: (value: InputValue | undefined) => void;
  onFile: (info: AttachmentInfo) => void;
}) {
  const { t } = useTranslation('inputs');
  const id = useId();
  const label = visibleName(field.label);
  return (
    <div
      data-testid="input-field"
      data-variable={field.variable}
      className={`flex min-w-0 flex-col gap-1 ${WIDE.includes(field.control) ? 'sm:col-span-2' : ''}`}
    >
      {field.control !== 'checkbox' && (
        <label htmlFor={id} className="text-[13px] leading-5 font-medium [overflow-wrap:anywhere]">
          {label}
          {!field.required && <span className="font-normal text-faint"> · {t('optional')}</span>}
        </label>
      )}
      <InputControl
        id={id}
        field={field}
        label={label}
        value={value}
        wrong={fault !== undefined}
        files={files}
        onChange={onChange}
        onFile={onFile}
      />
      {fault ? (
        <p id={`${id}-note`} role="alert" className="text-[13px] leading-5 text-error">
          <FaultText fault={fault} />
        </p>
      ) : (
        field.hint && (
          <p id={`${id}-note`} className="text-[13px] leading-5 text-faint">
            {field.hint}
          </p>
        )
      )}
    </div>
  );
}

function FaultText({ fault }: { fault: InputFault }) {
  const { t } = useTranslation('inputs');
  switch (fault.code) {
    case 'option':
      return t('fault.option', { options: fault.options.slice(0, 20).join(', ') });
    case 'long':
      return t('fault.long', { maxLength: fault.maxLength, length: fault.length });
    default:
      return t(`fault.${fault.code}`);
  }
}
