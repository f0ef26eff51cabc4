import type { Block } from '@wegent/api';
import { type Activity, activityOf } from '../arrange.ts';

/** Characters of what a member writes that one line shows. */
const SHOWN = 160;

/** What a member does now: the end of what it writes, else what kind of thing it does. Pure. */
export function liveWords(blocks: readonly Block[], executionId: string): Activity | { words: string } {
  const own = blocks.filter((block) => block.executionId === executionId);
  const last = own.at(-1);
  if (last?.type === 'text' && !last.done) {
    const words = last.text.replaceAll(/\s+/g, ' ').trim();
    if (words !== '') return { words: words.length > SHOWN ? `…${words.slice(-SHOWN)}` : words };
  }
  return activityOf(own);
}
