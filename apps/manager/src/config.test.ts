import { expect, it } from 'vitest';
import { readConfig } from './config.ts';

const GOOD = {
  SERVER_URL: 'http://server:3000',
  INTERNAL_SECRET: '0123456789abcdef',
  REDIS_URL: 'redis://redis:6379',
  BLOB_URL: 'file:/data/blobs',
};

it('reads what it needs and fills in the rest', () => {
  expect(readConfig({ ...GOOD, LOG_LEVEL: '', PORT: '4000' })).toMatchObject({
    server: { url: 'http://server:3000', secret: '0123456789abcdef' },
    concurrency: 256,
    listen: { port: 4000 },
    logLevel: 'info',
  });
});

it('reports all faults together, by name', () => {
  const { SERVER_URL: _, ...rest } = GOOD;
  expect(() => readConfig({ ...rest, INTERNAL_SECRET: 'short', PORT: 'many' })).toThrow(
    /SERVER_URL: is required[\s\S]*INTERNAL_SECRET: must have at least 16[\s\S]*PORT: /,
  );
});
