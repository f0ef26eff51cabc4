import type { ResourceObject } from '@wegent/api';
import { Drawer } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useUser } from '../session/session-provider.tsx';
import { useMedia } from '../theme/use-media.ts';
import { draftOf, newDraft } from './model-draft.ts';
import { ModelForm } from './model-form.tsx';
import { type Preset, presetOf } from './presets.ts';
import { ProviderPicker } from './provider-picker.tsx';

/** Adds a Model, or edits a stored one. A new one begins with the choice of a provider. */
export function ModelDrawer({ stored, onClose }: { stored?: ResourceObject; onClose: () => void }) {
  const { t } = useTranslation('models');
  const { namespace } = useUser();
  const phone = !useMedia('(min-width: 640px)');
  const [open, setOpen] = useState(true);
  const [picked, setPicked] = useState<Preset>();
  const storedDraft = stored && draftOf(stored);
  const preset = picked ?? (storedDraft && presetOf(storedDraft));
  return (
    <Drawer
      open={open}
      onClose={() => setOpen(false)}
      afterOpenChange={(visible) => !visible && onClose()}
      size={phone ? '100%' : 580}
      title={storedDraft ? t('form.editTitle', { name: storedDraft.displayName }) : t('form.addTitle')}
      styles={{ body: { padding: 0 } }}
    >
      {preset ? (
        <ModelForm
          key={preset.id}
          preset={preset}
          initial={storedDraft ?? newDraft(preset, namespace)}
          {...(stored ? { stored } : { onChangeProvider: () => setPicked(undefined) })}
          onDone={() => setOpen(false)}
        />
      ) : (
        <div className="p-6">
          <ProviderPicker onPick={setPicked} />
        </div>
      )}
    </Drawer>
  );
}
