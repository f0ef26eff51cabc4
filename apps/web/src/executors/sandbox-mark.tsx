import type { SandboxState } from '@wegent/api';
import { useTranslation } from 'react-i18next';
import { StatusMark } from '../ui/status-mark.tsx';

/** What a sandbox does, as colour, shape and word. */
export function SandboxMark({ state }: { state: SandboxState['state'] }) {
  const { t } = useTranslation('executors');
  return <StatusMark state={state === 'busy' ? 'good' : 'idle'}>{t(`sandboxState.${state}`)}</StatusMark>;
}
