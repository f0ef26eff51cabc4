import { ThunderboltOutlined } from '@ant-design/icons';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Step } from './step.tsx';
import { useDurationText } from './use-duration-text.ts';

/** “Worked 42 s · 9 steps”: all that went before the answer. `time` is in milliseconds, as far as it is known. */
export function WorkedFold({
  steps,
  time,
  children,
}: {
  steps: number;
  time: number | undefined;
  children: ReactNode;
}) {
  const { t } = useTranslation('chat');
  const durationText = useDurationText();
  const title = time === undefined ? t('steps.worked') : t('steps.workedFor', { time: durationText(time) });
  return (
    <Step
      icon={<ThunderboltOutlined />}
      title={`${title} · ${t('steps.count', { count: steps })}`}
      testId="worked"
    >
      <div className="flex flex-col gap-1.5">{children}</div>
    </Step>
  );
}
