import { join } from 'node:path';

/** Our own folder below HOME of an agent. */
export function wegentFolder(homeFolder: string): string {
  return join(homeFolder, '.wegent');
}

/** Where the skills of a Ghost lie unpacked, each as `<name>/SKILL.md`, before a turn begins: outside of the work tree. */
export function skillsFolder(homeFolder: string): string {
  return join(wegentFolder(homeFolder), 'skills');
}
