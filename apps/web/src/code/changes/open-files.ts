import type { ChangedFile } from './build-tree.ts';

/** Lines from which a file begins folded. */
const LARGE = 400;
/** Files from which all begin folded. */
const MANY = 60;
const GENERATED =
  /(^|\/)(package-lock\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lock|Cargo\.lock|poetry\.lock|uv\.lock|go\.sum|composer\.lock|Gemfile\.lock)$|\.min\.(js|css)$|\.map$/;

/** Does a file begin unfolded? Large ones and those that programs write do not. */
export function startsOpen({ path, additions, deletions, binary }: ChangedFile, count: number): boolean {
  return count <= MANY && additions + deletions <= LARGE && binary !== true && !GENERATED.test(path);
}
