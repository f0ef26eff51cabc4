import { isMapping } from '@wegent/kube';
import { useTranslation } from 'react-i18next';
import { type AgentDocument, keyOf } from '../draft/agent-document.ts';
import { withChange } from '../draft/agent-draft.ts';
import { editPart } from '../draft/edit-parts.ts';
import { problemsAt } from '../draft/problems.ts';
import { useEditorControls } from './editor-context.tsx';
import { TagsField } from './tags-field.tsx';
import { ChoiceField, NumberField, TextField } from './text-field.tsx';

const NETWORKS = ['gateway-only', 'allowlist', 'open'] as const;
type Network = (typeof NETWORKS)[number];

/** What a Shell says about its sandboxes: image, limits, and what they reach. */
export function SandboxFields({ shell, locked }: { shell: AgentDocument; locked: boolean }) {
  const { t } = useTranslation('agents');
  const { problems, edit } = useEditorControls();
  const { spec } = shell;
  const set = (change: Record<string, unknown>) => edit((draft) => editPart(draft, shell, change));
  const at = (field: string) => problemsAt(problems, keyOf(shell), `spec.${field}`);
  const limits = isMapping(spec.resources) ? spec.resources : {};
  const setLimit = (change: Record<string, unknown>) => {
    const next = withChange(limits, change);
    set({ resources: Object.keys(next).length === 0 ? undefined : next });
  };
  const network = NETWORKS.find((known) => known === spec.network) ?? 'gateway-only';
  return (
    <>
      <TextField
        label={t('form.image')}
        hint={t('form.imageHint')}
        problems={at('baseImage')}
        locked={locked}
        value={spec.baseImage}
        onChange={(baseImage) => set({ baseImage })}
      />
      <div className="grid grid-cols-2 items-start gap-x-4 lg:grid-cols-4">
        <NumberField
          min={0.1}
          max={256}
          whole={false}
          label={t('form.cpu')}
          problems={at('resources.cpu')}
          locked={locked}
          value={limits.cpu}
          onChange={(cpu) => setLimit({ cpu })}
        />
        <TextField
          label={t('form.memory')}
          placeholder="4Gi"
          problems={at('resources.memory')}
          locked={locked}
          value={limits.memory}
          onChange={(memory) => setLimit({ memory })}
        />
        <TextField
          label={t('form.disk')}
          placeholder="10Gi"
          problems={at('resources.disk')}
          locked={locked}
          value={limits.disk}
          onChange={(disk) => setLimit({ disk })}
        />
        <NumberField
          min={1}
          max={1_000_000}
          label={t('form.pids')}
          problems={at('resources.pids')}
          locked={locked}
          value={limits.pids}
          onChange={(pids) => setLimit({ pids })}
        />
      </div>
      <div className="grid items-start gap-x-4 sm:grid-cols-2">
        <ChoiceField<Network>
          label={t('form.network')}
          problems={at('network')}
          locked={locked}
          value={network}
          options={NETWORKS.map((value) => ({ value, label: t(`form.networks.${value}`) }))}
          onChange={(value) => set({ network: value })}
        />
        {network === 'allowlist' && (
          <TagsField
            label={t('form.egress')}
            hint={t('form.egressHint')}
            problems={at('egress')}
            locked={locked}
            value={spec.egress}
            onChange={(egress) => set({ egress })}
          />
        )}
      </div>
    </>
  );
}
