import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { testConfig } from './config.ts';

/** Daemons live here on Debian, and ordinary users do not have these folders on their PATH. */
const DAEMON_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Absolute path of the first of these programs that is installed, or `undefined`. */
export function findProgram(...names: string[]): string | undefined {
  const folders = [...testConfig.path.split(delimiter).filter((folder) => folder !== ''), ...DAEMON_FOLDERS];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/** Absolute path of an installed Chromium or Chrome, or `undefined`. */
export function chromiumPath(): string | undefined {
  return findProgram('chromium', 'chromium-browser', 'google-chrome');
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
