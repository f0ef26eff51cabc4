import { Collapse, Form, InputNumber, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { HeaderFields } from './header-fields.tsx';
import { PROTOCOLS } from './presets.ts';

const ABILITIES = ['vision', 'tools', 'reasoning'] as const;
const PRICES = ['priceInput', 'priceCachedInput', 'priceOutput'] as const;
const PRICE_LABELS = {
  priceInput: 'priceInput',
  priceCachedInput: 'priceCached',
  priceOutput: 'priceOutput',
} as const;

/** Protocol, headers, abilities and prices; folded, because the preset is right for most. */
export function AdvancedFields() {
  const { t } = useTranslation('models');
  return (
    <Collapse
      ghost
      className="-mx-4!"
      items={[
        {
          key: 'advanced',
          forceRender: true,
          label: <span className="font-medium">{t('form.advanced')}</span>,
          children: (
            <>
              <Form.Item name="protocol" label={t('form.protocol')}>
                <Select
                  options={PROTOCOLS.map((value) => ({ value, label: t(`form.protocols.${value}`) }))}
                />
              </Form.Item>
              <HeaderFields />
              <Abilities />
              <Prices />
            </>
          ),
        },
      ]}
    />
  );
}

function Abilities() {
  const { t } = useTranslation('models');
  const options = (['assumed', 'yes', 'no'] as const).map((value) => ({ value, label: t(`form.${value}`) }));
  return (
    <fieldset className="mb-2">
      <legend className="mb-1 border-0! text-[15px]! font-medium text-ink!">{t('form.capabilities')}</legend>
      <p className="mb-3 text-[13px] leading-5 text-muted">{t('form.capabilitiesHint')}</p>
      <div className="grid gap-x-4 sm:grid-cols-3">
        {ABILITIES.map((ability) => (
          <Form.Item key={ability} name={ability} label={t(`form.${ability}`)}>
            <Select options={options} />
          </Form.Item>
        ))}
      </div>
      <div className="grid gap-x-4 sm:grid-cols-2">
        <Form.Item name="contextWindow" label={t('form.contextWindow')}>
          <InputNumber
            min={256}
            max={100_000_000}
            precision={0}
            controls={false}
            suffix={t('form.tokens')}
            className="w-full!"
          />
        </Form.Item>
        <Form.Item name="maxOutputTokens" label={t('form.maxOutput')}>
          <InputNumber
            min={1}
            max={10_000_000}
            precision={0}
            controls={false}
            suffix={t('form.tokens')}
            className="w-full!"
          />
        </Form.Item>
      </div>
    </fieldset>
  );
}

function Prices() {
  const { t } = useTranslation('models');
  return (
    <fieldset>
      <legend className="mb-3 border-0! text-[15px]! font-medium text-ink!">{t('form.pricing')}</legend>
      <div className="grid gap-x-4 sm:grid-cols-3">
        {PRICES.map((price) => (
          <Form.Item key={price} name={price} label={t(`form.${PRICE_LABELS[price]}`)}>
            <InputNumber min={0} step={0.1} controls={false} prefix="$" className="w-full!" />
          </Form.Item>
        ))}
      </div>
    </fieldset>
  );
}
