import type { ControlGroups, Controller } from '../process/control-groups.ts';

/** Says what keeps sandboxes apart here, and by which means each limit is kept. */
export function describeIsolation(
  groups: ControlGroups,
  { asRoot, ownUser }: { asRoot: boolean; ownUser: boolean },
): string {
  const place = (controller: Controller) => groups.places.find((each) => each.controller === controller);
  const limit = (controller: Controller, otherwise: string) => {
    const found = place(controller);
    return found ? `by control groups v${found.version}` : otherwise;
  };
  return [
    'bubblewrap: own name spaces without a network, read-only system, no capabilities, filtered system calls',
    asRoot ? 'a host user for each sandbox' : 'the user of the manager, without rights on its files',
    `memory limited ${limit('memory', 'for each process only (RLIMIT_DATA), NOT for all together')}`,
    `processes limited ${limit('pids', ownUser ? 'by RLIMIT_NPROC' : 'NOT at all: this kernel is too old')}`,
    place('cpu') ? `cpu limited ${limit('cpu', '')}` : 'cpu NOT limited',
    'disk limited by measuring it every few seconds',
  ].join('; ');
}
