const SLUG_CHARACTERS = 40;

/** The branch that a task commits to: readable, and its own. Fixed when the task is made. */
export function workBranchOf(taskId: string, title: string): string {
  const slug = title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_CHARACTERS)
    .replaceAll(/^-+|-+$/g, '');
  // The end of an id is random; its beginning is the time.
  const own = taskId
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .slice(-6);
  return `wegent/${slug === '' ? 'task' : slug}-${own}`;
}
