import { expect, test } from 'vitest';
import { readCalls, readMarkers } from './markers.ts';

test('takes markers out of the text, JSON with brackets and all', () => {
  expect(readMarkers('a [[tool x {"l":[[1]],"s":"]] }"}]] b [[steps]] c')).toEqual({
    markers: [
      { name: 'tool', argument: 'x {"l":[[1]],"s":"]] }"}' },
      { name: 'steps', argument: '' },
    ],
    rest: 'a  b  c',
  });
});

test.each(['[[Page]]', '[[toolbox]]', '[[say without an end', '[[tool x {"a":1}', 'a[[1]]'])(
  '%s is text',
  (text) => {
    expect(readMarkers(text)).toEqual({ markers: [], rest: text });
  },
);

test('a brace that never closes ends with the marker', () => {
  expect(readMarkers('[[say a { b]] c')).toEqual({
    markers: [{ name: 'say', argument: 'a { b' }],
    rest: 'c',
  });
});

test('hostile prompts take no time to speak of', () => {
  const start = performance.now();
  for (const part of ['[[tool {', '[[say ', '[[say {}', '[[', '{']) readMarkers(part.repeat(100_000));
  readMarkers(`[[say ${'{}'.repeat(500_000)}]]`);
  expect(performance.now() - start).toBeLessThan(1000);
});

test.each([
  ['add {"a":1}', [{ name: 'add', input: '{"a":1}' }]],
  [
    'a b {"x":{}}',
    [
      { name: 'a', input: '{}' },
      { name: 'b', input: '{"x":{}}' },
    ],
  ],
  ['add {"a":}', undefined],
  ['add {"a":1', undefined],
  ['{"a":1}', undefined],
  ['', undefined],
])('the calls of %j', (argument, expected) => {
  expect(readCalls(argument)).toEqual(expected);
});
