/** Entry of the bundle: the executor, or with `git-ssh` as first argument what git starts in place of ssh. */
const [mode, ...rest] = process.argv.slice(2);

if (mode === 'git-ssh') {
  const { runGitSsh } = await import('./git/git-ssh.ts');
  process.exitCode = await runGitSsh(rest);
} else {
  const { startExecutor } = await import('./start.ts');
  await startExecutor();
}

export {};
