import { PUBLIC_NAMESPACE } from '@wegent/api';
import { Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { useUser } from '../session/session-provider.tsx';
import { Monogram } from '../ui/monogram.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { StatusMark } from '../ui/status-mark.tsx';
import { ModelActions } from './model-actions.tsx';
import { presetOf } from './presets.ts';
import { type ModelEntry, useLastTest } from './use-models.ts';

/** One Model: what it is, whose it is, and whether it answered last time. */
export function ModelRow({ model, onEdit }: { model: ModelEntry; onEdit: () => void }) {
  const { t } = useTranslation('models');
  const { role } = useUser();
  const { env } = model.spec.modelConfig;
  const preset = presetOf({ protocol: env.model ?? 'openai', baseUrl: env.base_url ?? '' });
  const shared = model.namespace === PUBLIC_NAMESPACE;
  return (
    <li className="flex items-center gap-4 px-4 py-4 sm:px-5">
      <Monogram name={model.displayName} size={38} />
      <div className="min-w-0 flex-1">
        <p className="flex items-center gap-2">
          <span className="truncate font-medium">{model.displayName}</span>
          <Tag variant="filled">{shared ? t('shared') : model.namespace}</Tag>
        </p>
        <p className="flex flex-wrap items-center gap-x-3 text-[13px] leading-5 text-muted">
          <span>{t(`presets.${preset.id}`)}</span>
          <code className="truncate">{env.model_id}</code>
        </p>
        <p className="mt-1 text-[13px] leading-5 text-muted md:hidden">
          <LastTest model={model} />
        </p>
      </div>
      <div className="hidden w-52 flex-none text-[14px] leading-[22px] md:block">
        <LastTest model={model} />
      </div>
      <ModelActions model={model} editable={!shared || role === 'admin'} onEdit={onEdit} />
    </li>
  );
}

function LastTest({ model }: { model: ModelEntry }) {
  const { t } = useTranslation('models');
  const test = useLastTest(model);
  if (!test) return <StatusMark state="idle">{t('state.untested')}</StatusMark>;
  const ms = test.latencyMs === undefined ? undefined : Math.round(test.latencyMs);
  return (
    <span className="flex flex-wrap items-center gap-x-3 md:block" title={test.message}>
      <StatusMark state={test.ok ? 'good' : 'bad'}>
        {test.ok
          ? ms === undefined
            ? t('state.reachable')
            : t('state.reachableIn', { ms })
          : t('state.unreachable')}
      </StatusMark>
      <span className="text-[13px] leading-5 text-muted md:ml-6 md:block">
        <RelativeTime at={test.at} />
      </span>
    </span>
  );
}
