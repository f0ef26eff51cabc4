import { useTranslation } from 'react-i18next';

const KNOWN = {
  'A rule of this agent asks for approval.': 'rule',
  'The plan has to be approved before work begins.': 'plan',
} as const;

/** Why an agent asks, in the reader's language where it is one of our own reasons; engines word them in English. */
export function useReasonText(): (reason: string) => string {
  const { t } = useTranslation('approvals');
  return (reason) => {
    const known = Object.entries(KNOWN).find(([words]) => words === reason)?.[1];
    return known ? t(`reasons.${known}`) : reason;
  };
}
