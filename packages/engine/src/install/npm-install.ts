import { runProgram } from './run-program.ts';

const ARGUMENTS = [
  'install',
  '--omit=dev',
  '--include=optional',
  // Packages of strangers: nothing of theirs runs while they are installed.
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--no-progress',
  '--no-package-lock',
  '--loglevel=error',
  '--fetch-retries=2',
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=5000',
];

/** Installs what the package.json of a folder names. Rejects with an error that says what to do. */
export async function npmInstall(folder: string, npm: string, signal: AbortSignal): Promise<void> {
  const { code, output, missing } = await runProgram({ command: npm, args: ARGUMENTS, folder, signal });
  if (missing)
    throw new Error(
      `npm was not found (${npm}). It comes with Node; install it, or start the product with a PATH that has it.`,
    );
  if (code !== 0) throw new Error(explain(output, code));
}

function explain(output: string, code: unknown): string {
  const words = output.trim().split('\n').slice(-6).join('\n') || `npm ended with exit code ${String(code)}`;
  if (/ENOSPC|no space left/i.test(output))
    return `There is no space left on the disk. Make room and try again.\n${words}`;
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|network|socket hang up/i.test(
      output,
    )
  )
    return `The npm registry cannot be reached from this machine. Check its network, proxy (HTTPS_PROXY) and npm's “registry” setting, then try again.\n${words}`;
  if (/E404|ETARGET|notarget/i.test(output))
    return `The npm registry does not have this version. If you use a mirror, let it fetch the package, then try again.\n${words}`;
  if (/E401|E403|EAUTH/.test(output))
    return `The npm registry refused access. Check npm's credentials for it, then try again.\n${words}`;
  if (/EACCES|EPERM|EROFS/.test(output))
    return `npm may not write there. Check who owns the folder of engines and npm's cache, then try again.\n${words}`;
  return `npm could not install it:\n${words}`;
}
