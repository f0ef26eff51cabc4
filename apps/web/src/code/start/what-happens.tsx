import { CloudServerOutlined } from '@ant-design/icons';
import type { ExecutorSummary } from '@wegent/api';
import { useTranslation } from 'react-i18next';
import { byteSize, bytesOf } from '../../executors/byte-size.ts';
import type { Shells } from './use-runtime.ts';

/** Where the work will be done, with which limits and which network. */
export function WhatHappens({ summary, shells }: { summary: ExecutorSummary; shells: Shells }) {
  const { t } = useTranslation('code');
  const shell = shells.find(({ shellType }) => shellType === 'ClaudeCode' || shellType === 'Agno');
  const { defaults, driver, isolation, isolated, slots } = summary;
  const cpu = shell?.resources?.cpu ?? defaults?.cpu;
  const memory = bytesOf(shell?.resources?.memory ?? '') ?? defaults?.memoryBytes;
  const parts = [
    !isolated
      ? t('start.withoutSandbox')
      : driver === undefined
        ? t('start.sandbox')
        : t('start.sandboxOn', { driver }),
    ...(cpu === undefined ? [] : [t('start.cpu', { count: cpu })]),
    ...(memory === undefined ? [] : [byteSize(memory)]),
  ];
  return (
    <p
      className="flex items-start gap-2 text-[13px] leading-5 text-muted"
      title={isolation}
      data-testid="what-happens"
    >
      <CloudServerOutlined className="mt-[3px]!" aria-hidden="true" />
      <span>
        {parts.join(t('start.comma'))}
        {shell && (
          <>
            {t('start.semicolon')}
            {t(`start.network.${shell.network}`)}
          </>
        )}
        {slots.waiting > 0 && (
          <>
            {t('start.semicolon')}
            {t('start.line', { count: slots.waiting })}
          </>
        )}
      </span>
    </p>
  );
}
