import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describeWith } from '@wegent/testing';
import { describe, expect, it } from 'vitest';
import { createAgnoSandbox } from './agno-harness.ts';
import { PROTOCOLS } from './harness.ts';

describeWith(['agno'], 'Agno', () => {
  describe.each(PROTOCOLS)('over %s', (protocol) => {
    it('streams reasoning and text, and counts what was used', async () => {
      await using sandbox = await createAgnoSandbox({ protocol });
      const ran = await sandbox.run(sandbox.spec('[[think deep thoughts]] [[say one two three four]]'));
      expect(ran.failure).toBeUndefined();
      expect(ran.fold.blocks.map(({ type }) => type)).toEqual(['reasoning', 'text']);
      expect(ran.fold.blocks[0]).toMatchObject({ text: 'deep thoughts', done: true });
      expect(ran.text).toBe('one two three four');
      expect(ran.events.filter((event) => event.type === 'text-delta').length).toBeGreaterThan(2);
      const usage = ran.events.filter((event) => event.type === 'usage');
      expect(usage).toHaveLength(1);
      expect(usage[0]).toMatchObject({ outputTokens: expect.any(Number), costUsd: expect.any(Number) });
      expect(ran.fold.usage?.inputTokens).toBeGreaterThan(3);
      expect(ran.events.at(-1)?.type).not.toBe('text-delta');
    });

    it('sends the prompt of the Ghost as it is, and no key', async () => {
      await using sandbox = await createAgnoSandbox({ protocol });
      await sandbox.run(
        sandbox.spec('hello', (spec) => {
          spec.systemPrompt = 'You answer in {"json": {user_id}} 你好.';
        }),
      );
      const [request] = sandbox.requests;
      const body: unknown = JSON.parse(request?.body ?? '');
      expect(JSON.stringify(body)).toContain(
        JSON.stringify('You answer in {"json": {user_id}} 你好.').slice(1, -1),
      );
      expect(JSON.stringify(request?.headers)).not.toMatch(/sk-test/);
      expect(body).toMatchObject({ model: 'simulator', stream: true });
    });
  });

  it('talks to Gemini', async () => {
    await using sandbox = await createAgnoSandbox();
    const seen: string[] = [];
    const gemini = createServer((request, response) => {
      seen.push(request.url ?? '');
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const part = (text: string, more: object) =>
        `data: ${JSON.stringify({ candidates: [{ content: { role: 'model', parts: [{ text }] }, ...more }], usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 2, totalTokenCount: 9 } })}\r\n\r\n`;
      response.end(`${part('hello ', {})}${part('there', { finishReason: 'STOP' })}`);
    });
    await new Promise<void>((resolve) => gemini.listen(0, '127.0.0.1', resolve));
    const address = gemini.address();
    sandbox.gatewayUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    try {
      const ran = await sandbox.run(
        sandbox.spec('hello', (spec) => {
          if (spec.model) spec.model.protocol = 'gemini';
        }),
      );
      expect(ran.failure).toBeUndefined();
      expect(ran.text).toBe('hello there');
      expect(ran.fold.usage).toMatchObject({ inputTokens: 7, outputTokens: 2 });
      expect(seen).toEqual(['/model/v1beta/models/simulator:streamGenerateContent?alt=sse']);
    } finally {
      gemini.closeAllConnections();
      await new Promise((resolve) => gemini.close(resolve));
    }
  });

  it('asks the model to think, when the person wants that', async () => {
    await using sandbox = await createAgnoSandbox({ protocol: 'anthropic' });
    await sandbox.run(
      sandbox.spec('hello', (spec) => {
        spec.options.reasoning = true;
      }),
    );
    expect(JSON.parse(sandbox.requests[0]?.body ?? '')).toMatchObject({
      max_tokens: 32_000,
      thinking: { type: 'enabled', budget_tokens: 8_000 },
    });
  });

  it('gives files as text and images as images', async () => {
    await using sandbox = await createAgnoSandbox();
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    const ran = await sandbox.run(
      sandbox.spec('look', (spec) => {
        spec.input.attachments = [
          { id: 'a', name: 'notes.txt', mediaType: 'text/plain', size: 5, text: 'the notes' },
          { id: 'b', name: 'dot.png', mediaType: 'image/png', size: png.length, blobKey: 'dot' },
          { id: 'c', name: 'gone.png', mediaType: 'image/png', size: 1, blobKey: 'gone' },
          { id: 'd', name: 'data.zip', mediaType: 'application/zip', size: 4, blobKey: 'zip' },
        ];
      }),
      { blobs: { dot: png, zip: Buffer.from('PK..') } },
    );
    expect(ran.failure).toBeUndefined();
    expect(sandbox.requests[0]?.body).toContain('the notes');
    expect(sandbox.requests[0]?.body).toContain(png.toString('base64'));
    for (const path of ['b/dot.png', 'd/data.zip']) {
      const place = join(sandbox.home, '.wegent/attachments', path);
      expect(sandbox.requests[0]?.body).toContain(`at ${place}]`);
      expect((await readFile(place)).length).toBeGreaterThan(3);
    }
    expect(ran.events).toContainEqual(
      expect.objectContaining({ type: 'warning', code: 'AttachmentMissing' }),
    );
  });

  it('has no model to speak of: says so', async () => {
    await using sandbox = await createAgnoSandbox();
    const ran = await sandbox.run(
      sandbox.spec('hello', (spec) => {
        delete spec.model;
      }),
    );
    expect(ran.failure).toMatchObject({
      reason: 'ModelBadRequest',
      message: expect.stringContaining('has no model'),
    });
  });
});
