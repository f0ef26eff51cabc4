import { z } from 'zod';

/** What hosts leave out, send as null, or send empty. */
export const OptionalText = z
  .string()
  .nullish()
  .transform((text) => text || undefined);

/** An address that becomes a link. A host must not put a script there. */
export const WebUrl = z.url({ protocol: /^https?$/ });

/** Puts fields beside others, those alone that are there. */
export function given<Fields extends Record<string, unknown>>(
  fields: Fields,
): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  // Object.fromEntries knows no names of fields.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]?: Exclude<Fields[Name], undefined>;
  };
}

/** A path that keeps its slashes: `owner/name`, or a branch where the host takes it so. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** Open ones first; hosts list the newest first. */
export function openOrNewest<Item extends { state: string }>(items: readonly Item[]): Item | undefined {
  return items.find(({ state }) => state === 'open') ?? items[0];
}

/** Does the text say anything of what is looked for? */
export function matchesSearch(search: string, ...texts: (string | undefined)[]): boolean {
  const wanted = search.trim().toLowerCase();
  return texts.some((text) => text?.toLowerCase().includes(wanted));
}
