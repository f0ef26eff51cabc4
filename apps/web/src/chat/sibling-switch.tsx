import { LeftOutlined, RightOutlined } from '@ant-design/icons';
import type { TaskMessage } from '@wegent/client';
import { useTranslation } from 'react-i18next';
import { ActionButton } from './action-button.tsx';
import { useConversation } from './conversation-context.tsx';

/** ‹ 2/3 ›: the versions of a message. Nothing when there is only one. */
export function SiblingSwitch({ message }: { message: TaskMessage }) {
  const { t } = useTranslation('chat');
  const { session, attempt } = useConversation();
  const { index, count, ids } = message.siblings;
  if (count < 2) return null;
  const go = (step: number) => {
    const target = ids[index - 1 + step];
    if (target) attempt(() => session.select(target));
  };
  return (
    <div className="flex items-center text-[13px]">
      <ActionButton
        icon={<LeftOutlined />}
        label={t('previousVersion')}
        testId="sibling-prev"
        disabled={index <= 1}
        onClick={() => go(-1)}
      />
      <span className="tabular-nums">
        <span aria-hidden="true">
          {index}/{count}
        </span>
        <span className="sr-only">{t('version', { index, count })}</span>
      </span>
      <ActionButton
        icon={<RightOutlined />}
        label={t('nextVersion')}
        testId="sibling-next"
        disabled={index >= count}
        onClick={() => go(1)}
      />
    </div>
  );
}
