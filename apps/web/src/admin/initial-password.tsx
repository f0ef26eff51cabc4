import { Button, Form, Input, Space } from 'antd';
import { useTranslation } from 'react-i18next';
import { SHORTEST_PASSWORD } from '../session/password-strength.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { useRequired } from '../ui/use-required.ts';

// No letters or digits that are mistaken for each other when read aloud or copied by hand.
const ALPHABET = 'abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789';

/** A password to hand to somebody else: typed or generated, visible, ready to copy. Fills `password`. */
export function InitialPassword({ label }: { label: string }) {
  const { t } = useTranslation('admin');
  const required = useRequired();
  const form = Form.useFormInstance<{ password: string }>();
  const password: unknown = Form.useWatch('password');
  return (
    <Form.Item label={label} required htmlFor="password">
      <Space.Compact block>
        <Form.Item
          name="password"
          noStyle
          rules={[
            required,
            {
              min: SHORTEST_PASSWORD,
              message: t('setup.tooShort', { ns: 'session', count: SHORTEST_PASSWORD }),
            },
          ]}
        >
          <Input id="password" autoComplete="off" className="font-mono" spellCheck={false} />
        </Form.Item>
        <Button onClick={() => form.setFieldValue('password', generatePassword())}>
          {t('users.generate')}
        </Button>
        <CopyButton text={typeof password === 'string' ? password : ''} disabled={!password} />
      </Space.Compact>
    </Form.Item>
  );
}

function generatePassword(): string {
  const numbers = crypto.getRandomValues(new Uint32Array(16));
  return Array.from(numbers, (number) => ALPHABET[number % ALPHABET.length]).join('');
}
