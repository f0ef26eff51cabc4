import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BlobStore } from '../src/index.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** What every blob store does. */
export function blobContract(open: () => Promise<BlobStore>): void {
  let store: BlobStore;

  beforeAll(async () => {
    store = await open();
  });

  afterAll(() => store.close());

  async function textOf(key: string): Promise<string | undefined> {
    const bytes = await store.read(key);
    return bytes && new TextDecoder().decode(bytes);
  }

  test('gives back bytes as stream and as a whole, and tells their size and digest', async () => {
    const bytes = randomBytes(1_000_000);
    const info = await store.put('some/bytes', bytes);
    expect(info).toEqual({ size: 1_000_000, sha256: createHash('sha256').update(bytes).digest('hex') });
    expect(bytes.equals((await store.read('some/bytes')) ?? Buffer.of())).toBe(true);
    const stream = await store.get('some/bytes');
    expect(stream && bytes.equals(await buffer(stream))).toBe(true);
  });

  test('takes a stream', async () => {
    const pieces = [randomBytes(70_000), randomBytes(3), randomBytes(200_000)];
    const info = await store.put('streamed', Readable.from(pieces));
    const whole = Buffer.concat(pieces);
    expect(info).toEqual({ size: 270_003, sha256: createHash('sha256').update(whole).digest('hex') });
    expect(whole.equals((await store.read('streamed')) ?? Buffer.of())).toBe(true);
  });

  test('keeps empty content', async () => {
    await expect(store.put('empty', new Uint8Array())).resolves.toMatchObject({ size: 0 });
    await expect(textOf('empty')).resolves.toBe('');
  });

  test('has nothing under a key that was not put, or was deleted', async () => {
    await store.put('short-lived', bytesOf('x'));
    await store.delete('short-lived');
    await store.delete('short-lived');
    for (const key of ['short-lived', 'never']) {
      await expect(store.get(key)).resolves.toBeUndefined();
      await expect(store.read(key)).resolves.toBeUndefined();
    }
  });

  test('replaces what was there', async () => {
    await store.put('twice', bytesOf('a long first text'));
    await store.put('twice', bytesOf('second'));
    await expect(textOf('twice')).resolves.toBe('second');
  });

  test('does not change with the caller’s bytes', async () => {
    const bytes = bytesOf('original');
    await store.put('copy', bytes);
    bytes.fill(0);
    (await store.read('copy'))?.fill(0);
    await expect(textOf('copy')).resolves.toBe('original');
  });

  test('keeps the old content when the source of the new one fails', async () => {
    await store.put('kept', bytesOf('old'));
    async function* broken() {
      yield bytesOf('new');
      throw new Error('source broke');
    }
    await expect(store.put('kept', broken())).rejects.toThrow('source broke');
    await expect(textOf('kept')).resolves.toBe('old');
    await expect(store.put('never', broken())).rejects.toThrow('source broke');
    await expect(store.read('never')).resolves.toBeUndefined();
  });

  test('ends with one whole content when many are put at once', async () => {
    const texts = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(10_000));
    await Promise.all(texts.map((text) => store.put('contended', bytesOf(text))));
    expect(texts).toContain(await textOf('contended'));
  });

  test('a key may be the beginning of another', async () => {
    await store.put('a/b', bytesOf('short'));
    await store.put('a/b/c', bytesOf('long'));
    await store.put('a-b', bytesOf('other'));
    await expect(Promise.all(['a/b', 'a/b/c', 'a-b'].map(textOf))).resolves.toEqual([
      'short',
      'long',
      'other',
    ]);
  });

  test.each(['x', 'A-1_2.zip', '...', '.hidden', 'a/.../b', 'k'.repeat(200)])(
    'takes the key %s',
    async (key) => {
      await store.put(key, bytesOf(key));
      await expect(textOf(key)).resolves.toBe(key);
    },
  );

  test.each([
    ...['', '/', '/absolute', 'end/', 'a//b', '.', '..', '../up', 'a/../b', 'a/./b', 'a/..'],
    ...['a\\b', 'a b', 'a%2fb', 'a+b', 'ä', 'a\0b', 'a\nb', 'a\n', 'k'.repeat(201)],
  ])('refuses the key %j', async (key) => {
    const refusal = { reason: 'Invalid' };
    await expect(store.put(key, bytesOf('x'))).rejects.toMatchObject(refusal);
    await expect(store.get(key)).rejects.toMatchObject(refusal);
    await expect(store.read(key)).rejects.toMatchObject(refusal);
    await expect(store.delete(key)).rejects.toMatchObject(refusal);
  });
}
