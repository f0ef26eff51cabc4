import { CloseCircleFilled } from '@ant-design/icons';
import type { RunError } from '@wegent/api';
import type { TaskMessage } from '@wegent/client';
import { Button } from 'antd';
import { useRouter } from 'next/navigation';
import { useTranslation } from 'react-i18next';
import { useUser } from '../session/session-provider.tsx';
import { useAppearance } from '../theme/appearance-provider.tsx';
import { useConversation } from './conversation-context.tsx';
import { NEXT_STEPS } from './next-step.ts';

const UNKNOWN: RunError = { reason: 'Internal', message: '', retryable: true };

/** Why an answer failed, and the next step as a button. */
export function ErrorCard({ message }: { message: TaskMessage }) {
  const { t } = useTranslation('chat');
  const { t: common } = useTranslation();
  const { language } = useAppearance().appearance;
  const error = message.error ?? UNKNOWN;
  // The server words the exact sentence in English; in other languages it is a detail of what the reason says.
  const sentence = language === 'en' ? error.message : '';
  const details = [language === 'en' ? '' : error.message, error.detail ?? ''].filter((text) => text !== '');
  return (
    <section
      aria-label={t('failed')}
      data-testid="error-card"
      data-reason={error.reason}
      className="my-1 rounded-xl border border-error/40 bg-raised p-4"
    >
      <div className="flex items-start gap-3">
        <CloseCircleFilled className="mt-[5px]! text-error" aria-hidden="true" />
        <div className="min-w-0 flex-1">
          <p className="font-medium">{t(`reason.${error.reason}`)}</p>
          {sentence && <p className="mt-0.5 text-[14px] [overflow-wrap:anywhere] text-muted">{sentence}</p>}
          {details.length > 0 && (
            <details className="mt-2 text-[13px]">
              <summary className="cursor-pointer text-muted">{common('actions.showDetails')}</summary>
              <pre className="mt-2 max-h-60 overflow-auto rounded-lg bg-sunken p-3 text-[12px] leading-[18px] [overflow-wrap:anywhere] whitespace-pre-wrap">
                {details.join('\n')}
              </pre>
            </details>
          )}
          <NextStepButton message={message} reason={error.reason} />
        </div>
      </div>
    </section>
  );
}

function NextStepButton({ message, reason }: { message: TaskMessage; reason: RunError['reason'] }) {
  const { t } = useTranslation('chat');
  const { t: common } = useTranslation();
  const { session, busy, attempt, newChatHref } = useConversation();
  const { role } = useUser();
  const router = useRouter();
  const step = NEXT_STEPS[reason];
  if (step === 'none' || busy) return null;
  const again = () => attempt(() => session.regenerate(message.id));
  return (
    <div className="mt-3 flex flex-wrap gap-2">
      {step === 'open-models' && (
        <Button type="primary" onClick={() => router.push('/library/models')}>
          {t('openModels')}
        </Button>
      )}
      {step === 'new-chat' && (
        <Button type="primary" onClick={() => router.push(newChatHref)}>
          {common('nav.newChat')}
        </Button>
      )}
      {step === 'open-git' && (
        <Button type="primary" onClick={() => router.push('/settings/git')}>
          {t('openGit')}
        </Button>
      )}
      {step === 'open-executors' && role === 'admin' && (
        <Button type="primary" onClick={() => router.push('/admin/executors')}>
          {t('openExecutors')}
        </Button>
      )}
      {step !== 'new-chat' && (
        <Button type={step === 'retry' ? 'primary' : 'default'} onClick={again}>
          {common('actions.retry')}
        </Button>
      )}
    </div>
  );
}
