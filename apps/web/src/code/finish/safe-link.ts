/** May a link that a git host gave be opened? Only as a page. */
export function isSafeLink(url: string): boolean {
  return /^https?:\/\//i.test(url);
}
