import { z } from 'zod';

const Choice = z.object({ member: z.string() });

/** Whom a leader chose, or what was wrong with what it said. */
export type RouteChoice = { member: string } | { fault: string };

/**
 * Reads which member a leader names: a JSON object `{"member": "name"}`, alone or within prose or a code block. Names
 * are compared without regard to case. Pure.
 */
export function readRoute(text: string, names: readonly string[]): RouteChoice {
  const chosen = new Set(
    objectsIn(text).flatMap((found) => (found.success ? [found.data.member.trim()] : [])),
  );
  const [name] = chosen;
  if (name === undefined) return { fault: 'The answer held no JSON object with the field "member".' };
  if (chosen.size > 1) return { fault: `The answer named ${chosen.size} members; exactly one is wanted.` };
  const member = names.find((known) => known.toLowerCase() === name.toLowerCase());
  if (member === undefined) return { fault: `There is no member "${name.slice(0, 100)}".` };
  return { member };
}

// Flat objects only: a choice has no inner ones, and every text is read in one pass.
function objectsIn(text: string) {
  return [...text.matchAll(/\{[^{}]{0,2000}\}/g)].map(([found]) => {
    try {
      return Choice.safeParse(JSON.parse(found));
    } catch {
      return { success: false } as const;
    }
  });
}
