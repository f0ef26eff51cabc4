import type { Git, GitRequest } from './git.ts';

/** What a remote has. */
export interface RemoteRefs {
  /** Commit by name of branch: of those that were asked for. */
  heads: Map<string, string>;
  /** Branch that HEAD names; undefined in an empty repository. */
  defaultBranch: string | undefined;
  objectFormat: 'sha1' | 'sha256';
}

/**
 * Asks the remote for its default branch, that branch and others. It is asked from outside of every work tree, so that no
 * configuration of one can answer in its place.
 */
export async function readRemoteRefs({
  git,
  network,
  branches,
  cwd,
  signal,
  stallMs,
  timeoutMs,
}: Required<Pick<GitRequest, 'network'>> &
  Pick<GitRequest, 'signal' | 'stallMs' | 'timeoutMs'> & {
    git: Git;
    cwd: string;
    branches: readonly (string | undefined)[];
  }): Promise<RemoteRefs> {
  const limits = {
    ...(stallMs === undefined ? {} : { stallMs }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
  const ask = async (patterns: string[]) =>
    git.text({
      place: { cwd },
      args: ['ls-remote', '--symref', network.address.url, ...patterns],
      env: { GIT_DIR: '/dev/null' },
      network,
      signal,
      ...limits,
    });
  const named = branches.filter((branch) => branch !== undefined).map((branch) => `refs/heads/${branch}`);
  const refs = parseRefs(await ask(['HEAD', ...named]));
  if (refs.defaultBranch === undefined || refs.heads.has(refs.defaultBranch) || refs.head === undefined)
    return refs;
  return { ...refs, heads: new Map([...refs.heads, [refs.defaultBranch, refs.head]]) };
}

function parseRefs(text: string): RemoteRefs & { head?: string } {
  const heads = new Map<string, string>();
  let defaultBranch: string | undefined;
  let head: string | undefined;
  for (const line of text.split('\n')) {
    const [value = '', name = ''] = line.split('\t');
    if (value.startsWith('ref: refs/heads/')) defaultBranch = value.slice('ref: refs/heads/'.length);
    else if (name === 'HEAD') head = value;
    else if (name.startsWith('refs/heads/')) heads.set(name.slice('refs/heads/'.length), value);
  }
  const sample = head ?? heads.values().next().value ?? '';
  return {
    heads,
    defaultBranch,
    objectFormat: sample.length === 64 ? 'sha256' : 'sha1',
    ...(head === undefined ? {} : { head }),
  };
}
