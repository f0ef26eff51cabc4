import { expect, test } from 'vitest';
import { withoutSecrets } from './audit.ts';

test('masks whatever may be a secret, however deep, and cuts long texts', () => {
  const detail = withoutSecrets({
    role: 'admin',
    password: 'hunter22',
    change: { apiKey: 'wg_x', refresh_token: 'y', fields: ['email'] },
    list: [{ clientSecret: 'z' }],
    text: 'x'.repeat(2_000),
  });
  expect(detail).toEqual({
    role: 'admin',
    password: '********',
    change: { apiKey: '********', refresh_token: '********', fields: ['email'] },
    list: [{ clientSecret: '********' }],
    text: 'x'.repeat(500),
  });
});
