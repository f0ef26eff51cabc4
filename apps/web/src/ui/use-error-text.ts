import { ApiError } from '@wegent/api';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';

interface ErrorText {
  /** A sentence in the reader's language. */
  title: string;
  /** The server's own words, when they say more. */
  detail?: string | undefined;
}

/** Turns any error into a sentence of the reader's language and, beside it, the server's words. */
export function useErrorText(): (error: unknown) => ErrorText {
  const { t } = useTranslation();
  return useCallback(
    (error: unknown) => {
      // fetch rejects with a TypeError when no answer arrives at all.
      if (error instanceof ApiError && error.cause instanceof TypeError)
        return { title: t('errors.network') };
      if (error instanceof ApiError) return { title: t(`errors.${error.reason}`), detail: detailOf(error) };
      return { title: t('errors.unknown'), detail: error instanceof Error ? error.message : undefined };
    },
    [t],
  );
}

function detailOf(error: ApiError): string {
  const causes = error.details?.causes ?? [];
  if (causes.length === 0) return error.message;
  return causes
    .map((cause) => (cause.field ? `${cause.field}: ${cause.message}` : cause.message))
    .join(' · ');
}
