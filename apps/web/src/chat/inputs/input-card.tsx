import { FormOutlined } from '@ant-design/icons';
import type { AttachmentInfo, InputFault, InputField, InputValues } from '@wegent/api';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../../ui/error-notice.tsx';
import { InputRow } from './input-row.tsx';
import { useValuesText } from './use-values-text.ts';

/** The form above the box to write in; once it is complete it folds into one line. */
export function InputCard({
  name,
  fields,
  values,
  faults,
  complete,
  open,
  loading,
  problems,
  error,
  files,
  onChange,
  onFile,
  onOpen,
  onRetry,
}: {
  /** Of the application, when there is one. */
  name: string | undefined;
  fields: readonly InputField[];
  values: InputValues;
  /** What is shown to be wrong, by variable. */
  faults: ReadonlyMap<string, InputFault>;
  complete: boolean;
  open: boolean;
  loading: boolean;
  /** Why forms could not be read, in the server's words. */
  problems: readonly string[];
  error: unknown;
  files: ReadonlyMap<string, AttachmentInfo>;
  onChange: (variable: string, value: InputValues[string] | undefined) => void;
  onFile: (info: AttachmentInfo) => void;
  onOpen: (open: boolean) => void;
  onRetry: () => void;
}) {
  const { t } = useTranslation('inputs');
  const valuesText = useValuesText();
  const title = name === undefined ? t('titleSome') : t('title', { name });
  return (
    <section
      aria-label={title}
      data-testid="input-form"
      data-open={open}
      className="border-b border-line px-4 pt-3 pb-3"
    >
      {loading && <p className="text-[13px] text-faint">{t('reading')}…</p>}
      {problems.length > 0 && <Unread problems={problems} onRetry={onRetry} />}
      {error !== undefined && <ErrorNotice error={error} onRetry={onRetry} />}
      {fields.length > 0 && (
        <div className="flex items-center gap-2 text-[14px] text-muted">
          <FormOutlined aria-hidden="true" className="flex-none" />
          <p className="min-w-0 flex-1 truncate" data-testid="input-summary">
            {open ? title : t('given', { values: valuesText(values, fields) })}
          </p>
          {(complete || !open) && (
            <Button
              size="small"
              type="text"
              aria-expanded={open}
              data-testid="input-toggle"
              onClick={() => onOpen(!open)}
            >
              {t(open ? 'done' : 'change')}
            </Button>
          )}
        </div>
      )}
      {open && fields.length > 0 && (
        <div className="mt-2 grid max-h-[46vh] gap-x-4 gap-y-2.5 overflow-y-auto px-0.5 pb-0.5 sm:grid-cols-2">
          {fields.map((field) => (
            <InputRow
              key={field.variable}
              field={field}
              value={values[field.variable]}
              fault={faults.get(field.variable)}
              files={files}
              onChange={(value) => onChange(field.variable, value)}
              onFile={onFile}
            />
          ))}
        </div>
      )}
    </section>
  );
}

function Unread({ problems, onRetry }: { problems: readonly string[]; onRetry: () => void }) {
  const { t } = useTranslation('inputs');
  const { t: common } = useTranslation();
  return (
    <div role="alert" data-testid="input-problem" className="flex items-start gap-3 text-[14px]">
      <div className="min-w-0 flex-1">
        <p className="text-error">{t('unread')}</p>
        {problems.map((problem) => (
          <p key={problem} lang="en" className="text-[13px] [overflow-wrap:anywhere] text-muted">
            {problem}
          </p>
        ))}
      </div>
      <Button size="small" onClick={onRetry}>
        {common('actions.retry')}
      </Button>
    </div>
  );
}
