const OPEN = '<think>';
const CLOSE = '</think>';

/** A piece of an answer. */
export interface Piece {
  kind: 'text' | 'reasoning';
  text: string;
}

/**
 * Takes the thoughts, `<think>…</think>`, out of an answer that comes in pieces; the tags may be cut anywhere. Only a
 * tag at the very beginning of the answer counts: later ones are what the answer speaks about.
 */
export function createThoughtSplitter() {
  let mode: 'start' | 'thinking' | 'text' = 'start';
  let held = '';

  function push(chunk: string): Piece[] {
    if (mode === 'text') return chunk === '' ? [] : [{ kind: 'text', text: chunk }];
    held += chunk;
    if (mode === 'start') {
      const seen = held.trimStart();
      if (OPEN.startsWith(seen) && seen.length < OPEN.length) return [];
      if (!seen.startsWith(OPEN)) return release();
      mode = 'thinking';
      held = seen.slice(OPEN.length).trimStart();
    }
    const end = held.indexOf(CLOSE);
    if (end === -1) {
      const keep = cutTagLength(held);
      const ready = held.slice(0, held.length - keep);
      held = held.slice(held.length - keep);
      return ready === '' ? [] : [{ kind: 'reasoning', text: ready }];
    }
    const thought = held.slice(0, end);
    held = held.slice(end + CLOSE.length).trimStart();
    return [...(thought === '' ? [] : [{ kind: 'reasoning', text: thought } as const]), ...release()];
  }

  function release(): Piece[] {
    const text = held;
    held = '';
    mode = 'text';
    return text === '' ? [] : [{ kind: 'text', text }];
  }

  return {
    push,
    /** What was still held back when nothing more comes. */
    flush(): Piece[] {
      const text = held;
      held = '';
      if (text === '') return [];
      return [{ kind: mode === 'thinking' ? 'reasoning' : 'text', text }];
    },
  };
}

/** Length of a beginning of the closing tag at the end of a text. */
function cutTagLength(text: string): number {
  for (let length = Math.min(CLOSE.length - 1, text.length); length > 0; length--) {
    if (CLOSE.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
