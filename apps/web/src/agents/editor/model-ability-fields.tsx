import { isMapping } from '@wegent/kube';
import { useTranslation } from 'react-i18next';
import type { Ability } from '../../models/model-draft.ts';
import { type AgentDocument, keyOf } from '../draft/agent-document.ts';
import { withChange } from '../draft/agent-draft.ts';
import { editPart } from '../draft/edit-parts.ts';
import { problemsAt } from '../draft/problems.ts';
import { useEditorControls } from './editor-context.tsx';
import { ChoiceField, NumberField } from './text-field.tsx';

const ABILITIES = ['vision', 'tools', 'reasoning'] as const;
const SIZES = [
  { field: 'contextWindow', label: 'contextWindow', min: 256, max: 100_000_000 },
  { field: 'maxOutputTokens', label: 'maxOutput', min: 1, max: 10_000_000 },
] as const;
const PRICES = [
  { field: 'input', label: 'priceInput' },
  { field: 'cachedInput', label: 'priceCached' },
  { field: 'output', label: 'priceOutput' },
] as const;

/** What a Model can do and what it costs. */
export function ModelAbilityFields({ model, locked }: { model: AgentDocument; locked: boolean }) {
  const { t } = useTranslation('models');
  const { problems, edit } = useEditorControls();
  const group = (name: 'capabilities' | 'pricing') => {
    const said = model.spec[name];
    const values = isMapping(said) ? said : {};
    return {
      values,
      set(change: Record<string, unknown>) {
        const next = withChange(values, change);
        const kept = Object.keys(next).length === 0 ? undefined : next;
        edit((draft) => editPart(draft, model, { [name]: kept }));
      },
      at: (field: string) => problemsAt(problems, keyOf(model), `spec.${name}.${field}`),
    };
  };
  const can = group('capabilities');
  const costs = group('pricing');
  const options = (['assumed', 'yes', 'no'] as const).map((value) => ({ value, label: t(`form.${value}`) }));
  const ability = (said: unknown): Ability => (said === true ? 'yes' : said === false ? 'no' : 'assumed');
  return (
    <>
      <div className="grid items-start gap-x-4 sm:grid-cols-3">
        {ABILITIES.map((field) => (
          <ChoiceField<Ability>
            key={field}
            label={t(`form.${field}`)}
            problems={can.at(field)}
            locked={locked}
            value={ability(can.values[field])}
            options={options}
            onChange={(said) => can.set({ [field]: said === 'assumed' ? undefined : said === 'yes' })}
          />
        ))}
      </div>
      <div className="grid items-start gap-x-4 sm:grid-cols-2">
        {SIZES.map(({ field, label, ...range }) => (
          <NumberField
            key={field}
            {...range}
            label={t(`form.${label}`)}
            suffix={t('form.tokens')}
            problems={can.at(field)}
            locked={locked}
            value={can.values[field]}
            onChange={(value) => can.set({ [field]: value })}
          />
        ))}
      </div>
      <p className="mb-2 font-medium text-muted">{t('form.pricing')}</p>
      <div className="grid items-start gap-x-4 sm:grid-cols-3">
        {PRICES.map(({ field, label }) => (
          <NumberField
            key={field}
            min={0}
            whole={false}
            suffix="$"
            label={t(`form.${label}`)}
            problems={costs.at(field)}
            locked={locked}
            value={costs.values[field]}
            onChange={(value) => costs.set({ [field]: value })}
          />
        ))}
      </div>
    </>
  );
}
