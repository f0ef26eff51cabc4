import type { Change } from '@wegent/store';

/** Keeps the newest changes, as many as both limits allow: every change after `floor` up to `tail`. */
export function createChangeRing({
  maxChanges,
  maxCharacters,
}: {
  maxChanges: number;
  maxCharacters: number;
}) {
  let entries: { change: Change; characters: number }[] = [];
  let characters = 0;
  let floor = 0;
  let tail = 0;

  return {
    get floor() {
      return floor;
    },
    get tail() {
      return tail;
    },

    /** Begins anew with what comes after a version. */
    reset(version: number): void {
      entries = [];
      characters = 0;
      floor = version;
      tail = version;
    },

    /** Adds changes; `upTo` is the version up to which they are complete. */
    push(changes: readonly Change[], upTo: number): void {
      for (const change of changes) {
        const size = JSON.stringify(change).length;
        entries.push({ change, characters: size });
        characters += size;
      }
      tail = upTo;
      let drop = 0;
      for (const entry of entries) {
        if (entries.length - drop <= maxChanges && characters <= maxCharacters) break;
        characters -= entry.characters;
        floor = entry.change.resourceVersion;
        drop += 1;
      }
      entries.splice(0, drop);
    },

    /** The changes after a version that is not below `floor`, oldest first. */
    after(version: number): Change[] {
      // Most readers are near the end, so it is looked for from there.
      let start = entries.length;
      while (start > 0 && (entries[start - 1]?.change.resourceVersion ?? 0) > version) start -= 1;
      return entries.slice(start).map(({ change }) => change);
    },
  };
}
