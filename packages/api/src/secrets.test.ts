import { describe, expect, test } from 'vitest';
import { Model } from './kinds/model.ts';
import { LAST_APPLIED_ANNOTATION } from './meta.ts';
import { collectSecrets, MASK, mapSecrets, maskSecrets } from './secrets.ts';

const model = {
  metadata: {
    name: 'm',
    annotations: {
      [LAST_APPLIED_ANNOTATION]: JSON.stringify({ spec: { modelConfig: { env: { api_key: 'sk-1' } } } }),
    },
  },
  spec: {
    modelConfig: {
      env: {
        model: 'openai',
        api_key: 'sk-1',
        ANTHROPIC_AUTH_TOKEN: 'sk-2',
        DIFY_API_KEY: 'sk-3',
        MY_SECRET_THING: 'sk-4',
        DB_PASSWORD_2: 'sk-5',
        DEFAULT_HEADERS: { Authorization: 'sk-6' },
        base_url: 'https://example.org',
      },
      DEFAULT_HEADERS: { 'x-key': 'sk-7' },
    },
  },
};

describe('secrets', () => {
  test('every secret is found, nothing else', () => {
    expect([...collectSecrets(model, Model.secrets).values()].sort()).toEqual([
      'sk-1',
      'sk-2',
      'sk-3',
      'sk-4',
      'sk-5',
      'sk-6',
      'sk-7',
    ]);
  });

  test('masking leaves no trace and changes nothing in place', () => {
    const before = JSON.parse(JSON.stringify(model)) as typeof model;
    const masked = maskSecrets(model, Model.secrets);
    expect(JSON.stringify(masked)).not.toMatch(/sk-\d/);
    expect(masked.spec.modelConfig.env).toMatchObject({ api_key: MASK, base_url: 'https://example.org' });
    expect(model).toEqual(before);
  });

  test('the name of a variable is no secret; all that is more than a name is one', () => {
    const named = (key: string) => ({ spec: { modelConfig: { env: { api_key: key } } } });
    const placeholder = ['$', '{SOME_KEY_2}'].join('');
    expect(maskSecrets(named(placeholder), Model.secrets)).toEqual(named(placeholder));
    for (const key of [
      `x${placeholder}`,
      `${placeholder}\n`,
      ...['{1}', '{a b}', '{}', 'NAME'].map((name) => `$${name}`),
      '{NAME}',
    ])
      expect(maskSecrets(named(key), Model.secrets), key).toEqual(named(MASK));
  });

  test('a secret of another type is a secret all the same', () => {
    const odd = { spec: { modelConfig: { env: { api_key: { nested: 'sk-9' } } } } };
    expect(JSON.stringify(maskSecrets(odd, Model.secrets))).not.toContain('sk-9');
  });

  test('replacing gets the path', () => {
    const paths: string[] = [];
    mapSecrets(model, Model.secrets, (secret, path) => {
      paths.push(path);
      return secret;
    });
    expect(paths).toContain('spec.modelConfig.env.DEFAULT_HEADERS.Authorization');
  });

  test('an annotation that is no JSON is dropped', () => {
    const odd = { metadata: { annotations: { [LAST_APPLIED_ANNOTATION]: 'sk-8 {' } }, spec: {} };
    expect(JSON.stringify(maskSecrets(odd, Model.secrets))).not.toContain('sk-8');
  });
});
