import { describe, expect, test } from 'vitest';
import { openBlobStore } from '../src/index.ts';
import { blobContract } from './contract.ts';

describe('memory blob store', () => {
  blobContract(() => openBlobStore({ url: 'memory:' }));
});

test.each(['s3://bucket', '/no/scheme', ''])(
  'the URL "%s" is refused with the schemes that exist',
  async (url) => {
    await expect(openBlobStore({ url })).rejects.toThrow(/available: file:, memory:/);
  },
);
