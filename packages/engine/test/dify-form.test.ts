import type { ModelEndpoint } from '@wegent/api';
import { type FakeDify, startFakeDify } from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readInputForm } from '../src/index.ts';
import { difySpec, runDify } from './dify-harness.ts';

let dify: FakeDify;
beforeAll(async () => {
  dify = await startFakeDify({ mode: 'workflow' });
});
afterAll(() => dify[Symbol.asyncDispose]());

const FORM = [
  { paragraph: { variable: 'question', label: 'Question', required: true } },
  { paragraph: { variable: 'system_prompt', label: 'System', required: false } },
  { 'text-input': { variable: 'city', label: 'City', required: true, max_length: 10, hint: 'Where?' } },
  {
    select: {
      variable: 'tone',
      label: 'Tone',
      required: false,
      options: ['formal', 'plain'],
      default: 'plain',
    },
  },
  { 'text-input': { variable: 'tenant', label: 'Tenant', required: true } },
  { 'file-list': { variable: 'photos', label: 'Photos', required: false } },
  { external_data_tool: { variable: 'auto', label: 'Auto', required: true } },
];

function endpoint(change: Record<string, string> = {}): ModelEndpoint {
  const { model } = difySpec(dify, '');
  if (!model) throw new Error('the spec has no Model');
  return { ...model, env: { ...model.env, ...change } };
}

describe('readInputForm', () => {
  it('asks for what neither the Model, the instructions nor the message fill in', async () => {
    dify.form = FORM;
    const read = await readInputForm({
      endpoint: endpoint({ DIFY_PARAMS: '{"tenant":"acme"}' }),
      hasInstructions: true,
    });
    expect(read).toEqual({
      form: {
        name: 'Fake',
        fields: [
          {
            variable: 'city',
            label: 'City',
            control: 'text',
            required: true,
            options: [],
            maxLength: 10,
            hint: 'Where?',
          },
          {
            variable: 'tone',
            label: 'Tone',
            control: 'select',
            required: false,
            options: ['formal', 'plain'],
            preset: 'plain',
          },
          { variable: 'photos', label: 'Photos', control: 'files', required: false, options: [] },
        ],
      },
    });
  });

  it('what is filled in makes a run that the server takes; files go into the field that they were chosen for', async () => {
    dify.form = [
      ...FORM,
      { file: { variable: 'cover', label: 'Cover', required: true } },
      { file: { variable: 'back', label: 'Back', required: false } },
    ];
    const file = (id: string) => ({ id, name: `${id}.png`, mediaType: 'image/png', size: 1, blobKey: id });
    const ran = await runDify(
      difySpec(dify, 'Why?', (spec) => {
        if (spec.model) spec.model.env.DIFY_PARAMS = '{"tenant":"acme"}';
        spec.input.attachments = [file('first'), file('second'), file('third')];
        spec.options.inputs = { city: 'Bonn', cover: ['second'] };
      }),
      { blobs: { first: Uint8Array.of(1), second: Uint8Array.of(2), third: Uint8Array.of(3) } },
    );
    expect(ran.failure).toBeUndefined();
    const inputs = dify.runs.at(-1)?.inputs ?? {};
    expect(inputs).toMatchObject({ question: 'Why?', city: 'Bonn', tenant: 'acme' });
    const uploads = dify.requests.filter(({ path }) => path === '/files/upload');
    expect(uploads).toHaveLength(3);
    expect(inputs.photos).toHaveLength(2);
    expect(inputs.cover).toMatchObject({ transfer_method: 'local_file' });
    expect(inputs.back).toBeUndefined();
  });

  it('a refusal, an address out of bounds and a server of something else are said', async () => {
    const read = (given: Parameters<typeof readInputForm>[0]) => readInputForm(given);
    const wrong = await read({ endpoint: endpoint({ DIFY_API_KEY: 'app-wrong' }), hasInstructions: false });
    expect(wrong.error?.reason).toBe('ModelAuth');
    const before = dify.requests.length;
    const outside = await read({ endpoint: endpoint(), hasInstructions: false, outboundAllow: [] });
    expect(outside.error).toMatchObject({
      reason: 'ModelUnavailable',
      message: expect.stringContaining('private network'),
    });
    expect(dify.requests).toHaveLength(before);
    const elsewhere = await read({
      endpoint: endpoint({ DIFY_BASE_URL: `${dify.origin}/other` }),
      hasInstructions: false,
    });
    expect(elsewhere.error?.message).toMatch(/DIFY_BASE_URL/);
  });
});
