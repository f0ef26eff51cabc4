/** Hosts that know drafts by the title alone: puts the prefix before it, or takes it off. */
export function draftTitle(title: string, draft: boolean, prefix: string): string {
  const bare = title.replace(/^(\s*(\[(draft|wip)\]|\(draft\)|(draft|wip):))+\s*/i, '');
  return draft ? `${prefix}${bare}` : bare;
}

/** Does the title say that it is a draft? */
export function isDraftTitle(title: string): boolean {
  return draftTitle(title, false, '') !== title;
}
