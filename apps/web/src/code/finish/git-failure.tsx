import { ApiError } from '@wegent/api';
import { useTranslation } from 'react-i18next';
import { useAppearance } from '../../theme/appearance-provider.tsx';
import { useErrorText } from '../../ui/use-error-text.ts';

/** Why a step with the git host failed, and what to do about it. */
export function GitFailure({ error }: { error: unknown }) {
  const { t } = useTranslation('code');
  const { language } = useAppearance().appearance;
  const { title, detail } = useErrorText()(error);
  const refused =
    error instanceof ApiError &&
    (error.reason === 'Forbidden' ||
      error.reason === 'Unauthorized' ||
      /auth|credential|token|permission|denied|凭据/i.test(error.message));
  return (
    <div className="flex flex-col gap-2">
      {/* The server’s sentence is in English and says more. */}
      {(language !== 'en' || !detail) && <p>{title}</p>}
      {detail && (
        <pre className="max-h-60 overflow-auto rounded-lg bg-sunken p-3 text-[12px] leading-[18px] [overflow-wrap:anywhere] whitespace-pre-wrap">
          {detail}
        </pre>
      )}
      {refused && (
        <p>
          <a href="/settings/git" className="text-accent hover:underline">
            {t('finish.toGitSettings')}
          </a>
        </p>
      )}
    </div>
  );
}
