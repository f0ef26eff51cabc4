import { CheckOutlined, CopyOutlined } from '@ant-design/icons';
import { Button, type ButtonProps } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { copyText } from './copy-text.ts';

/** Copies `text` and says so in place for two seconds. */
export function CopyButton({
  text,
  label,
  ...button
}: { text: string; label?: string } & Omit<ButtonProps, 'onClick' | 'icon'>) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Button
      {...button}
      icon={copied ? <CheckOutlined /> : <CopyOutlined />}
      onClick={async () => setCopied(await copyText(text))}
      aria-live="polite"
    >
      {copied ? t('actions.copied') : (label ?? t('actions.copy'))}
    </Button>
  );
}
