/** Configuration of our own git calls; pairs of the environment win over every file. */
export function quietConfig({ lfs }: { lfs: boolean }): [string, string][] {
  return [
    ['core.hooksPath', '/dev/null'],
    ['core.fsmonitor', 'false'],
    ['core.untrackedCache', 'false'],
    ['core.splitIndex', 'false'],
    ['core.attributesFile', '/dev/null'],
    ['core.quotePath', 'false'],
    ['core.pager', 'cat'],
    ['core.gitProxy', ''],
    ['credential.helper', ''],
    ['safe.directory', '*'],
    ['commit.gpgSign', 'false'],
    ['tag.gpgSign', 'false'],
    ['push.gpgSign', 'false'],
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
    ['submodule.recurse', 'false'],
    ['fetch.recurseSubmodules', 'false'],
    ['push.recurseSubmodules', 'no'],
    ['diff.renames', 'true'],
    ['diff.noprefix', 'false'],
    ['diff.mnemonicPrefix', 'false'],
    ['advice.detachedHead', 'false'],
    ...lfsConfig({ lfs }),
  ];
}

/** Files of git-lfs are what people mean by them, not pointers. */
export function lfsConfig({ lfs }: { lfs: boolean }): [string, string][] {
  if (!lfs) return [];
  return [
    ['filter.lfs.clean', 'git-lfs clean -- %f'],
    ['filter.lfs.smudge', 'git-lfs smudge -- %f'],
    ['filter.lfs.process', 'git-lfs filter-process'],
    ['filter.lfs.required', 'true'],
  ];
}

/** Configuration as git reads it from the environment. */
export function gitPairs(pairs: readonly (readonly [string, string])[]): Record<string, string> {
  const env: Record<string, string> = { GIT_CONFIG_COUNT: String(pairs.length) };
  for (const [index, [key, value]] of pairs.entries()) {
    env[`GIT_CONFIG_KEY_${index}`] = key;
    env[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return env;
}
