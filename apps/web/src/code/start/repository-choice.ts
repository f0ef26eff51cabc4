/** A repository that can be picked, before a branch is. */
export interface RepositoryChoice {
  gitUrl: string;
  /** `owner/name` where the host says so, else what the address ends with. */
  name: string;
}

const MAX_RECENT = 8;

/** Is this text the address of a repository, or a folder of the server where those are allowed? */
export function isRepositoryAddress(text: string, localAllowed: boolean): boolean {
  const address = text.trim();
  if (/\s/.test(address)) return false;
  if (/^(https?|ssh|git):\/\/[^/]+\/.+/i.test(address)) return true;
  if (/^[^/@\s]+@[^/:\s]+:.+/.test(address)) return true;
  return localAllowed && /^(\/|file:\/\/\/).+/.test(address);
}

/** The address without what belongs in no address: a user name with a password would be kept and shown. */
export function withoutCredentials(address: string): string {
  return address.trim().replace(/^(https?:\/\/)[^/@]*@/i, '$1');
}

/** A short name of a repository by its address. */
export function nameOfAddress(gitUrl: string): string {
  const path = gitUrl
    .replace(/^[a-z+]+:\/\/[^/]*\//i, '')
    .replace(/^[^/@\s]+@[^:]+:/, '')
    .replace(/\.git\/?$/, '')
    .replace(/\/+$/, '');
  return path.split('/').slice(-2).join('/') || gitUrl;
}

/** The repositories that were used last, the newest first. */
export function withRecent(
  recent: readonly RepositoryChoice[],
  used: RepositoryChoice,
): readonly RepositoryChoice[] {
  return [used, ...recent.filter(({ gitUrl }) => gitUrl !== used.gitUrl)].slice(0, MAX_RECENT);
}
