import { DownOutlined } from '@ant-design/icons';
import type { ObjectReference } from '@wegent/api';
import { Button, Dropdown } from 'antd';
import { useRouter } from 'next/navigation';
import { useTranslation } from 'react-i18next';
import { localName } from '../agents/localise.ts';
import { useModels } from '../models/use-models.ts';
import { useAppearance } from '../theme/appearance-provider.tsx';

interface ModelPickerProps {
  value: ObjectReference | undefined;
  onChange: (model: ObjectReference | undefined) => void;
}

const OWN = 'own';
const MANAGE = 'manage';

/** Which model answers: that of the agent, or another one for the messages that follow. */
export function ModelPicker({ value, onChange }: ModelPickerProps) {
  const { t } = useTranslation('chat');
  const router = useRouter();
  const { data: models = [] } = useModels();
  const { language } = useAppearance().appearance;
  const chosen = models.find(
    ({ name, namespace }) => name === value?.name && namespace === (value.namespace ?? namespace),
  );
  const label = value ? (chosen ? localName(chosen.object.metadata, language) : value.name) : t('model.own');
  const keyOf = (model: ObjectReference) => `${model.namespace}/${model.name}`;
  return (
    <Dropdown
      autoFocus
      trigger={['click']}
      placement="topLeft"
      menu={{
        selectable: true,
        selectedKeys: [chosen ? keyOf(chosen) : OWN],
        className: 'max-h-80 overflow-y-auto',
        items: [
          { key: OWN, label: t('model.own') },
          { type: 'divider' },
          ...models.map((model) => ({
            key: keyOf(model),
            label: localName(model.object.metadata, language),
          })),
          { type: 'divider' },
          { key: MANAGE, label: t('model.manage') },
        ],
        onClick: ({ key }) => {
          if (key === MANAGE) return router.push('/library/models');
          const model = models.find((other) => keyOf(other) === key);
          onChange(model && { name: model.name, namespace: model.namespace });
        },
      }}
    >
      <Button
        type="text"
        size="small"
        data-testid="model-picker"
        aria-label={t('model.label', { model: label })}
        className={`min-w-0 text-[13px]! ${value ? 'text-accent!' : 'text-muted!'}`}
      >
        <span className="max-w-28 truncate sm:max-w-52">{label}</span>
        <DownOutlined className="text-[10px]!" aria-hidden="true" />
      </Button>
    </Dropdown>
  );
}
