import { Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { useRequired } from '../ui/use-required.ts';
import { passwordStrength, SHORTEST_PASSWORD } from './password-strength.ts';

const BARS = { weak: 1, fair: 2, good: 3, strong: 4 } as const;
const COLOURS = { weak: 'bg-error', fair: 'bg-warning', good: 'bg-success', strong: 'bg-success' } as const;

interface PasswordFieldsProps {
  label: string;
  repeatLabel: string;
  size?: 'middle' | 'large';
}

/** A new password, twice, with a hint at its strength; the form's values get `password` and `repeat`. */
export function PasswordFields({ label, repeatLabel, size = 'middle' }: PasswordFieldsProps) {
  const { t } = useTranslation('session');
  const required = useRequired();
  const password: unknown = Form.useWatch('password');
  return (
    <>
      <Form.Item
        name="password"
        label={label}
        validateTrigger="onBlur"
        extra={typeof password === 'string' && password !== '' && <StrengthHint password={password} />}
        rules={[
          required,
          { min: SHORTEST_PASSWORD, message: t('setup.tooShort', { count: SHORTEST_PASSWORD }) },
        ]}
      >
        <Input.Password autoComplete="new-password" size={size} />
      </Form.Item>
      <Form.Item
        name="repeat"
        label={repeatLabel}
        dependencies={['password']}
        validateTrigger="onBlur"
        rules={[
          required,
          ({ getFieldValue }) => ({
            validator: async (_, value: unknown) => {
              if (value && value !== getFieldValue('password')) throw new Error(t('setup.mismatch'));
            },
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" size={size} />
      </Form.Item>
    </>
  );
}

function StrengthHint({ password }: { password: string }) {
  const { t } = useTranslation('session');
  const strength = passwordStrength(password);
  return (
    <span className="mt-2 flex items-center gap-3 text-[13px]" role="status">
      <span className="flex w-20 gap-1" aria-hidden="true">
        {[1, 2, 3, 4].map((bar) => (
          <span
            key={bar}
            className={`h-1 flex-1 rounded-full ${bar <= BARS[strength] ? COLOURS[strength] : 'bg-line'}`}
          />
        ))}
      </span>
      <span className="sr-only">{t('strength.label')}: </span>
      {t(`strength.${strength}`)}
    </span>
  );
}
