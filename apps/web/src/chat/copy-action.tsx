import { CheckOutlined, CopyOutlined } from '@ant-design/icons';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { copyText } from '../ui/copy-text.ts';
import { ActionButton } from './action-button.tsx';

/** Copies what a turn says, as Markdown. */
export function CopyAction({ text }: { text: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <ActionButton
      icon={copied ? <CheckOutlined /> : <CopyOutlined />}
      label={t(copied ? 'actions.copied' : 'actions.copy')}
      testId="copy"
      onClick={async () => setCopied(await copyText(text))}
    />
  );
}
