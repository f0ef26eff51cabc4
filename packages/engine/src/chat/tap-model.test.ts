import { MockLanguageModelV4 } from 'ai/test';
import { expect, it } from 'vitest';
import { type ProviderModel, type ProviderPart, tapModel } from './tap-model.ts';

const text = (id: string, delta: string): ProviderPart => ({ type: 'text-delta', id, delta });

async function streamOf(model: ProviderModel): Promise<ReadableStream<ProviderPart>> {
  if (model.specificationVersion !== 'v4') throw new Error('a tapped model is of version 4');
  const { stream } = await model.doStream({ prompt: [] });
  return stream;
}

async function partsOf(stream: ReadableStream<ProviderPart>): Promise<ProviderPart[]> {
  const parts: ProviderPart[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

function modelOf(stream: ReadableStream<ProviderPart>): ProviderModel {
  return new MockLanguageModelV4({ doStream: async () => ({ stream }) });
}

it('shows every part as it comes, and hands deltas that follow each other on as one', async () => {
  const signature: ProviderPart = {
    type: 'reasoning-delta',
    id: 'r',
    delta: '',
    providerMetadata: { anthropic: { signature: 'signed' } },
  };
  const parts: ProviderPart[] = [
    { type: 'reasoning-start', id: 'r' },
    { type: 'reasoning-delta', id: 'r', delta: 'think' },
    { type: 'reasoning-delta', id: 'r', delta: 'ing' },
    signature,
    { type: 'reasoning-end', id: 'r' },
    text('1', 'one '),
    text('1', 'two'),
    text('2', 'three'),
  ];
  const seen: ProviderPart[] = [];
  const stream = await streamOf(
    tapModel(modelOf(ReadableStream.from(parts)), (part) => void seen.push(part)),
  );
  expect(await partsOf(stream)).toEqual([
    { type: 'reasoning-start', id: 'r' },
    { type: 'reasoning-delta', id: 'r', delta: 'thinking' },
    signature,
    { type: 'reasoning-end', id: 'r' },
    text('1', 'one two'),
    text('2', 'three'),
  ]);
  expect(seen).toEqual(parts);
});

it('ends the source when it is cancelled, and fails with it', async () => {
  const cancelled = Promise.withResolvers<unknown>();
  const endless = new ReadableStream<ProviderPart>({ cancel: cancelled.resolve });
  const stopped = await streamOf(tapModel(modelOf(endless), () => undefined));
  await stopped.cancel('enough');
  expect(await cancelled.promise).toBe('enough');

  const broken = new ReadableStream<ProviderPart>({
    start: (controller) => controller.error(new Error('broken')),
  });
  const failed = await streamOf(tapModel(modelOf(broken), () => undefined));
  await expect(partsOf(failed)).rejects.toThrow('broken');
});
