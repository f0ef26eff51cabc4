type Encode = (text: string) => number;

/** Characters that are tokenised at once: long runs without a space cost time by the square of their length. */
const SLICE = 1_000;
/** Longer texts are judged by so many slices, spread evenly. */
const SLICES = 48;

let loading: Promise<Encode> | undefined;

/**
 * Loads the tokenizer (o200k, about 75 MB): only conversations that may not fit need it, so it comes on first use.
 * Other providers cut text differently; callers leave a margin.
 */
export function loadTokenizer(): Promise<Encode> {
  loading ??= import('gpt-tokenizer/encoding/o200k_base').then(({ countTokens }) => {
    // Text that looks like a control token is ordinary text of a person.
    const options = { disallowedSpecial: new Set<string>() };
    return (text) => countTokens(text, options);
  });
  return loading;
}

/** Tokens of a text: exact up to 48,000 characters, beyond that an estimate from samples in constant time. */
export function countTokens(text: string, encode: Encode): number {
  const slices = Math.ceil(text.length / SLICE);
  const taken = Math.min(slices, SLICES);
  let characters = 0;
  let tokens = 0;
  for (let index = 0; index < taken; index++) {
    const start = Math.floor((index * slices) / taken) * SLICE;
    const slice = text.slice(start, start + SLICE);
    characters += slice.length;
    tokens += encode(slice);
  }
  return characters === 0 ? 0 : Math.ceil((tokens * text.length) / characters);
}
