import { expect, test } from 'vitest';
import { createProcessFrameReader, encodeProcessFrame } from './process-frames.ts';

test('frames come out as they went in, however the bytes are cut', () => {
  const frames = [
    encodeProcessFrame('stdout', new Uint8Array([1, 2, 3])),
    encodeProcessFrame('stdin', new Uint8Array()),
    encodeProcessFrame('stderr', new Uint8Array(700).fill(7)),
    encodeProcessFrame('exit', new Uint8Array([128])),
  ];
  const bytes = new Uint8Array(frames.flatMap((frame) => [...frame]));
  for (const size of [1, 3, 5, 64, bytes.length]) {
    const seen: [string, number[]][] = [];
    const read = createProcessFrameReader((name, content) => seen.push([name, [...content]]));
    for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size));
    expect(seen).toEqual([
      ['stdout', [1, 2, 3]],
      ['stdin', []],
      ['stderr', Array(700).fill(7)],
      ['exit', [128]],
    ]);
  }
});

test('what is no frame is refused', () => {
  const read = createProcessFrameReader(() => undefined);
  expect(() => read(new Uint8Array([72, 84, 84, 80, 47, 49]))).toThrow('not a frame');
  expect(() => createProcessFrameReader(() => undefined)(new Uint8Array([1, 255, 0, 0, 0]))).toThrow(
    'not a frame',
  );
});
