import type { AttachmentInfo, InputField, InputValue } from '@wegent/api';
import { Checkbox, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { InputFiles } from './input-files.tsx';

const SAMPLE = '{"city": "Bonn"}';

/** What a field is filled in with. */
export function InputControl({
  id,
  field,
  label,
  value,
  wrong,
  files,
  onChange,
  onFile,
}: {
  id: string;
  field: InputField;
  label: string;
  value: InputValue | undefined;
  wrong: boolean;
  files: ReadonlyMap<string, AttachmentInfo>;
  onChange: (value: InputValue | undefined) => void;
  onFile: (info: AttachmentInfo) => void;
}) {
  const { t } = useTranslation('inputs');
  const { control, required, options } = field;
  const text = value === undefined || Array.isArray(value) ? '' : String(value);
  const shared = {
    id,
    ...(wrong ? { status: 'error' as const } : {}),
    'aria-invalid': wrong,
    'aria-required': required,
    'aria-describedby': `${id}-note`,
  };
  switch (control) {
    case 'select':
      return (
        <Select
          {...shared}
          allowClear={!required}
          showSearch={options.length > 8}
          placeholder={t('choose')}
          value={text === '' ? null : text}
          options={options.map((option) => ({ value: option, label: option }))}
          onChange={(next: string | null) => onChange(next ?? undefined)}
        />
      );
    case 'checkbox':
      return (
        <Checkbox
          {...shared}
          className="self-start"
          checked={value === true}
          onChange={({ target }) => onChange(target.checked)}
        >
          {label}
        </Checkbox>
      );
    case 'paragraph':
    case 'json':
      return (
        <Input.TextArea
          {...shared}
          autoSize={{ minRows: 2, maxRows: 6 }}
          value={text}
          placeholder={control === 'json' ? t('json', { sample: SAMPLE }) : ''}
          onChange={({ target }) => onChange(target.value)}
        />
      );
    case 'file':
    case 'files':
      return (
        <InputFiles
          id={id}
          many={control === 'files'}
          ids={Array.isArray(value) ? value : []}
          files={files}
          onChange={onChange}
          onFile={onFile}
        />
      );
    default:
      return (
        <Input
          {...shared}
          value={text}
          inputMode={control === 'number' ? 'decimal' : 'text'}
          onChange={({ target }) => onChange(target.value)}
        />
      );
  }
}
