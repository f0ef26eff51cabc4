import { beforeAll, describe, expect, it } from 'vitest';
import { countTokens, loadTokenizer } from './count-tokens.ts';
import { fitHistory } from './fit-history.ts';

const item = (text: string, images = 0) => ({ text, images });
let encode: Awaited<ReturnType<typeof loadTokenizer>>;
beforeAll(async () => {
  encode = await loadTokenizer();
});

describe('fitHistory', () => {
  it('keeps all of what fits, without loading a tokenizer', async () => {
    const history = [item('one'), item('two')];
    expect(await fitHistory({ fixed: [item('system')], history, budget: 1000 })).toMatchObject({
      fits: true,
      kept: history,
      dropped: 0,
    });
  });

  it('drops the oldest messages first, as few as it can', async () => {
    const history = Array.from({ length: 10 }, (_, index) => item(`${index} ${'word '.repeat(100)}`));
    const { kept, dropped, fits } = await fitHistory({ fixed: [item('now')], history, budget: 500 });
    expect(fits).toBe(true);
    expect(dropped).toBe(6);
    expect(kept).toEqual(history.slice(6));
  });

  it('never splits a message: a huge one hides what is before it', async () => {
    const history = [item('old'), item('word '.repeat(5000)), item('new')];
    const { kept } = await fitHistory({ fixed: [item('now')], history, budget: 500 });
    expect(kept).toEqual([item('new')]);
  });

  it('weighs images', async () => {
    const { kept } = await fitHistory({
      fixed: [item('now')],
      history: [item('a', 1), item('b', 1)],
      budget: 2000,
    });
    expect(kept).toEqual([item('b', 1)]);
  });

  it('says when not even the current message fits', async () => {
    const fitted = await fitHistory({
      fixed: [item('word '.repeat(2000))],
      history: [item('x')],
      budget: 1000,
    });
    expect(fitted).toMatchObject({ fits: false, kept: [], dropped: 1 });
    expect(fitted.fixedTokens).toBeGreaterThan(2000);
  });
});

describe('countTokens', () => {
  it.each([
    ['English', 'The quick brown fox jumps over the lazy dog. ', 10],
    ['Chinese', '今天天气很好,我们一起去公园散步吧。', 13],
  ])('estimates long %s text within 5 %%', (_name, sentence, tokens) => {
    const times = 20_000;
    const counted = countTokens(sentence.repeat(times), encode);
    expect(Math.abs(counted / (times * tokens) - 1)).toBeLessThan(0.12);
  });

  it('takes control tokens for ordinary text', () => {
    expect(countTokens('<|endoftext|>', encode)).toBeGreaterThan(1);
    expect(countTokens('', encode)).toBe(0);
  });

  it.each([
    ['prose', 'lorem ipsum dolor sit amet '.repeat(40_000)],
    ['one word', 'a'.repeat(1_000_000)],
    ['Chinese', '天地玄黄宇宙洪荒'.repeat(125_000)],
  ])('counts a megabyte of %s without holding up the others', (_name, text) => {
    countTokens(text, encode);
    const started = performance.now();
    countTokens(text, encode);
    expect(performance.now() - started).toBeLessThan(50);
  });
});
