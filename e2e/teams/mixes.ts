import type { ShellType } from '@wegent/api';

/** How the members of a Team work together. */
type Mode = 'solo' | 'pipeline' | 'route' | 'collaborate' | 'coordinate';

/** A Team: `ann` comes first or leads, `ben` is the other, and `cleo` a third. */
export interface Mix {
  /** Name of the Team, too. */
  name: string;
  mode: Mode;
  first: ShellType;
  /** None where a member is alone. */
  second?: ShellType;
  third?: ShellType;
  /** All but the first are on a Shell of that type with another name. */
  apart?: true;
}

/** What one run of a turn has to be. */
export interface Part {
  /** Key of its step; of work that was given away, its kind. */
  step: string;
  member: string;
  /** What it hears, as if a person had said it. */
  input: string | RegExp;
  says: string;
  /** Stands in its instructions. */
  told?: string;
}

/** What a turn has to be. */
interface Play {
  /** Its runs by the moments at which they begin. */
  moments: readonly (readonly Part[])[];
  /** What is heard in the end by a leader who gave work away: the results, of each time. */
  returned?: readonly RegExp[];
  text: string;
  speaker: 'ann' | 'ben';
}

/** All that a Bot can run on. */
export const SHELLS: readonly ShellType[] = ['Chat', 'ClaudeCode', 'Agno', 'Dify'];
const MODES: readonly Mode[] = ['pipeline', 'route', 'collaborate', 'coordinate'];

/** Every mode with every mix of Shells. */
export const MIXES: readonly Mix[] = [
  ...SHELLS.map((first): Mix => ({ name: nameOf('solo', first), mode: 'solo', first })),
  ...MODES.flatMap((mode) => SHELLS.flatMap((first) => SHELLS.map((second) => mixOf(mode, first, second)))),
  // A leader in a sandbox with members outside of it, both at work at once.
  { ...mixOf('coordinate', 'ClaudeCode', 'Chat'), name: 'coordinate-three', third: 'Dify' },
  // Where Agno does not take the whole Team, it works by the steps of the platform.
  ...(['route', 'collaborate', 'coordinate'] as const).map(
    (mode): Mix => ({ ...mixOf(mode, 'Agno', 'Agno'), name: nameOf(mode, 'apart'), apart: true }),
  ),
];

/** What the person writes. */
export const MESSAGE = 'How do we cross the river?';

/** The work that a leader gives away. */
export const WORK = 'Look for a bridge.';

/** Can a Bot of this Shell lead members with the tool `delegate`? */
export const canDelegate = (shell: ShellType) => shell !== 'Dify';

/** Does the engine run the Team itself, in one run? */
export function isNative({ mode, first, second, apart }: Mix): boolean {
  return first === 'Agno' && second === 'Agno' && !apart && mode !== 'pipeline';
}

/** What has to happen when the message goes to a Team. Everybody counts what he says. */
export function playOf(mix: Mix): Play {
  const { mode, first } = mix;
  if (isNative(mix)) return nativePlayOf(mode);
  const members = mix.third && mode === 'coordinate' ? ['ben', 'cleo'] : ['ben'];
  const ann = (step: string, input: string, count = 1): Part => part('ann', step, input, count);
  const ben = (step: string, input: string, count = 1): Part => part('ben', step, input, count);
  switch (mode) {
    case 'solo':
      return { moments: [[ann('', MESSAGE)]], text: 'ann says 1', speaker: 'ann' };
    case 'pipeline': {
      const handed = `${MESSAGE}\n\nann has worked on this before you and answered:\n\n${quote('ann', 1)}`;
      const moments = [[ann('stage-1', MESSAGE)], [ben('stage-2', handed)]];
      return { moments, text: 'ben says 1', speaker: 'ben' };
    }
    case 'route': {
      const choice = { ...ann('route-1', MESSAGE), says: CHOICE, told: CHOOSE };
      return { moments: [[choice], [ben('answer', MESSAGE)]], text: 'ben says 1', speaker: 'ben' };
    }
    case 'collaborate': {
      const again = (other: string) =>
        `${MESSAGE}\n\nThe other members have said this. Take it into account, and give your answer anew:\n\n${quote(other, 1)}`;
      const all = `${MESSAGE}\n\nThe members of your team have said this. Write the answer for the person:\n\n${quote('ann', 2)}\n\n${quote('ben', 2)}`;
      const voice = (one: Part) => ({ ...one, told: VOICE });
      return {
        moments: [
          [voice(ann('round-1-1', MESSAGE)), voice(ben('round-1-2', MESSAGE))],
          [voice(ann('round-2-1', again('ben'), 2)), voice(ben('round-2-2', again('ann'), 2))],
          [ann('answer', all, 3)],
        ],
        text: 'ann says 3',
        speaker: 'ann',
      };
    }
    case 'coordinate': {
      const leader = { ...ann('answer', MESSAGE), told: LEAD };
      if (!canDelegate(first)) return { moments: [[leader]], text: 'ann says 1', speaker: 'ann' };
      return giving(leader, { tool: 'delegate', members });
    }
  }
}

// Agno has tools of its own for the same, and the members work inside the run of the leader.
function nativePlayOf(mode: Mode): Play {
  const leader = part('ann', 'answer', MESSAGE, 1);
  if (mode === 'coordinate')
    return giving({ ...leader, told: LEAD_NATIVELY }, { tool: 'delegate_task_to_member', members: ['ben'] });
  if (mode === 'route') {
    const choice = { ...leader, says: 'ben says 1', told: CHOOSE };
    return { moments: [[choice], [part('ben', 'delegate', MESSAGE, 1)]], text: 'ben says 1', speaker: 'ann' };
  }
  const voice = (member: string, input: string | RegExp, count: number) => ({
    ...part(member, 'delegate', input, count),
    told: VOICE,
  });
  const both = (count: number) =>
    new RegExp(
      `${quote('ann', count)}[^]*${quote('ben', count)}|${quote('ben', count)}[^]*${quote('ann', count)}`,
    );
  return {
    moments: [
      [{ ...leader, says: ALL, told: LEAD_ALL }],
      [voice('ann', MESSAGE, 1), voice('ben', MESSAGE, 1)],
      [voice('ann', /ben says 1/, 2), voice('ben', /ann says 1/, 2)],
    ],
    returned: [both(1), both(2)],
    text: ALL,
    speaker: 'ann',
  };
}

/** A leader who gives the work to each of the members, and reports what came back. */
function giving(leader: Part, { tool, members }: { tool: string; members: readonly string[] }): Play {
  const says = members.map((member) => `The tool ${tool} returned: ${member} says 1`).join('\n');
  return {
    moments: [[{ ...leader, says }], members.map((member) => part(member, 'delegate', WORK, 1))],
    returned: [new RegExp(`^${members.map((member) => `"?${member} says 1"?`).join('\n')}$`)],
    text: says,
    speaker: 'ann',
  };
}

function mixOf(mode: Mode, first: ShellType, second: ShellType): Mix {
  // Of a route somebody is left whom nobody chooses.
  const third = mode === 'route' ? { third: second } : {};
  return { name: nameOf(mode, first, second), mode, first, second, ...third };
}

/** The words of a leader who chooses. */
export const CHOICE = '{"member":"ben"}';
/** By this a leader knows that it is to choose. */
export const CHOOSE = 'You do not answer the message yourself';
const VOICE = 'one of several members of a team who answer the same message at once';
const LEAD = 'Give work to its members with the tool "delegate"';
const LEAD_NATIVELY = 'Give work to its members with the tool "delegate_task_to_member"';
const ALL = 'Once more.\n\nann says it all';
const LEAD_ALL = 'call the tool "delegate_task_to_members" (task) once';

function part(member: string, step: string, input: string | RegExp, count: number): Part {
  return { step, member, input, says: `${member} says ${count}` };
}

function quote(member: string, count: number): string {
  return `<answer from="${member}">\n${member} says ${count}\n</answer>`;
}

function nameOf(...parts: readonly string[]): string {
  return parts.join('-').toLowerCase();
}
