import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';

/** Extra request headers, a line each. */
export function HeaderFields() {
  const { t } = useTranslation('models');
  return (
    <fieldset className="mb-6">
      <legend className="mb-2 border-0! text-[15px]! font-medium text-ink!">{t('form.headers')}</legend>
      <Form.List name="headers">
        {(fields, { add, remove }) => (
          <>
            {fields.map(({ key, name }) => (
              <div key={key} className="mb-2 flex gap-2">
                <Form.Item name={[name, 'name']} noStyle>
                  <Input
                    aria-label={t('form.headerName')}
                    placeholder="X-Header"
                    spellCheck={false}
                    className="w-2/5!"
                  />
                </Form.Item>
                <Form.Item name={[name, 'value']} noStyle>
                  <Input aria-label={t('form.headerValue')} spellCheck={false} className="flex-1" />
                </Form.Item>
                <Button
                  type="text"
                  icon={<DeleteOutlined />}
                  aria-label={t('form.removeHeader')}
                  onClick={() => remove(name)}
                />
              </div>
            ))}
            <Button size="small" icon={<PlusOutlined />} onClick={() => add({ name: '', value: '' })}>
              {t('form.addHeader')}
            </Button>
          </>
        )}
      </Form.List>
    </fieldset>
  );
}
