import type { RunningSimulator } from '@wegent/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROTOCOLS, run, specOf, startSimulator } from './harness.ts';

let simulator: RunningSimulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

const POEM = 'The quick brown fox: «ünïcödé», 你好 👋🏽 — and\n\n```ts\nconst a = 1;\n```\nthe end';

describe.each(PROTOCOLS)('over %s', (protocol) => {
  it('streams text exactly, and books usage with its cost', async () => {
    const ran = await run(specOf({ url: simulator.url, protocol, text: `echo ${POEM}` }));
    expect(ran.failure).toBeUndefined();
    expect(ran.text).toBe(POEM);
    expect(ran.events.filter((event) => event.type === 'text-delta').length).toBeGreaterThan(3);
    expect(ran.events.filter((event) => event.type === 'text-start')).toEqual([
      { type: 'text-start', blockId: 'a1-t1' },
    ]);
    const usage = ran.fold.usage;
    expect(usage?.inputTokens).toBeGreaterThan(0);
    expect(usage?.outputTokens).toBeGreaterThan(0);
    expect(usage?.costUsd).toBeCloseTo(
      ((usage?.inputTokens ?? 0) + 2 * (usage?.outputTokens ?? 0)) / 1e6,
      12,
    );
  });

  it('shows reasoning before text', async () => {
    const spec = specOf({
      url: simulator.url,
      protocol,
      text: '[[think first this, then that]] [[say done]]',
    });
    spec.options = { reasoning: true };
    if (spec.model) spec.model.capabilities = { reasoning: true };
    const ran = await run(spec);
    expect(ran.failure).toBeUndefined();
    expect(ran.fold.blocks.map((block) => [block.type, 'text' in block ? block.text : ''])).toEqual([
      ['reasoning', 'first this, then that'],
      ['text', 'done'],
    ]);
    expect(ran.events.find((event) => event.type === 'reasoning-end')).toMatchObject({
      durationMs: expect.any(Number),
    });
  });

  it('sends instructions and history, with names in group chats', async () => {
    const ran = await run(
      specOf({
        url: simulator.url,
        protocol,
        text: 'what did I say?',
        change: (spec) => {
          spec.history = [
            { role: 'user', text: 'the code is 7391', sender: 'ada' },
            { role: 'assistant', text: 'noted' },
          ];
        },
      }),
    );
    expect(ran.text).toContain('ada: the code is 7391');
    const told = await run(specOf({ url: simulator.url, protocol, text: 'what are your instructions?' }));
    expect(told.text).toContain('You are a helper.');
  });

  it('shows images to models, and tells when they cannot see', async () => {
    const spec = specOf({
      url: simulator.url,
      protocol,
      text: 'look',
      change: (it) => {
        it.input.attachments = [
          { id: '1', name: 'cat.png', mediaType: 'image/png', size: PIXEL.length, blobKey: 'cat' },
          { id: '2', name: 'notes.txt', mediaType: 'text/plain', size: 5, text: 'hello from the file' },
        ];
      },
    });
    const seen = await run(spec, { blobs: { cat: PIXEL } });
    expect(seen.failure).toBeUndefined();
    expect(seen.text).toContain(`image/png, ${PIXEL.length} bytes`);

    const gone = await run(spec);
    expect(gone.events).toContainEqual(
      expect.objectContaining({ type: 'warning', code: 'AttachmentMissing' }),
    );

    if (spec.model) spec.model.capabilities = { vision: false };
    const blind = await run(spec, { blobs: { cat: PIXEL } });
    expect(blind.text).not.toContain('I see an image');
    expect(blind.events).toContainEqual(
      expect.objectContaining({ type: 'warning', code: 'ImagesNotSupported' }),
    );
  });

  it('inlines the text of documents under their names', async () => {
    const ran = await run(
      specOf({
        url: simulator.url,
        protocol,
        text: 'please',
        change: (spec) => {
          spec.systemPrompt = '';
          spec.input = {
            role: 'user',
            text: '',
            attachments: [{ id: '1', name: 'say.txt', mediaType: 'text/plain', size: 1, text: 'alpha' }],
          };
        },
      }),
    );
    expect(ran.failure).toBeUndefined();
    expect(ran.text).toContain('File say.txt');
  });

  it('leaves out the oldest messages when the window is full, and says so', async () => {
    const spec = specOf({ url: simulator.url, protocol, text: 'how many messages do you have?' });
    if (spec.model) spec.model.capabilities = { contextWindow: 2_000, maxOutputTokens: 200 };
    spec.history = Array.from({ length: 30 }, (_, index) => ({
      role: index % 2 === 0 ? ('user' as const) : ('assistant' as const),
      text: `message ${index} ${'lorem ipsum dolor sit amet '.repeat(20)}`,
    }));
    const ran = await run(spec);
    const warning = ran.events.find((event) => event.type === 'warning');
    expect(warning).toMatchObject({
      code: 'HistoryTrimmed',
      message: expect.stringMatching(/^The \d+ oldest messages were left out/),
    });
    const sent = Number(/sent (\d+) messages/.exec(ran.text)?.[1]);
    expect(sent).toBeGreaterThan(3);
    expect(sent).toBeLessThan(31);
  });

  it('refuses a message that cannot fit', async () => {
    const spec = specOf({ url: simulator.url, protocol, text: 'word '.repeat(5_000) });
    if (spec.model) spec.model.capabilities = { contextWindow: 2_000 };
    const ran = await run(spec);
    expect(ran.failure).toMatchObject({
      reason: 'ContextTooLong',
      retryable: false,
      message: expect.stringContaining('1,500 fit'),
    });
  });
});

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
