import type { ChildProcess } from 'node:child_process';

const children = new Set<ChildProcess>();

/** Kills a child when the process of the test ends, however that ends; one listener serves all children. */
export function endWithTest(child: ChildProcess): void {
  if (children.size === 0) process.once('exit', killAll);
  children.add(child);
  child.once('exit', () => {
    children.delete(child);
    if (children.size === 0) process.off('exit', killAll);
  });
}

function killAll(): void {
  for (const child of children) child.kill('SIGKILL');
}
