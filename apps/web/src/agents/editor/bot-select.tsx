import { Select } from 'antd';
import { keyOf, placeOfKey, titleOf } from '../draft/agent-document.ts';
import { documentsOfKind } from '../draft/catalog.ts';
import { setBot, withBot } from '../draft/edit-members.ts';
import { useEditorControls } from './editor-context.tsx';

/** Chooses which Bot a member is. `value` is the key of the present one. */
export function BotSelect({
  control,
  index,
  value,
}: {
  control: { id: string; 'aria-describedby': string; status?: 'error' | 'warning' };
  index: number;
  value: string | undefined;
}) {
  const { scope, readOnly, edit } = useEditorControls();
  const bots = documentsOfKind(scope, 'Bot');
  return (
    <Select
      {...control}
      className="w-full"
      disabled={readOnly}
      showSearch={{ optionFilterProp: 'label' }}
      {...(value === undefined ? {} : { value })}
      options={bots.map((bot) => ({
        value: keyOf(bot),
        label: `${titleOf(bot)} · ${bot.metadata.namespace}/${bot.metadata.name}`,
      }))}
      onChange={(key: string) => {
        const bot = bots.find((candidate) => keyOf(candidate) === key);
        edit((draft) => withBot(setBot(draft, index, placeOfKey(key)), bot, scope));
      }}
    />
  );
}
