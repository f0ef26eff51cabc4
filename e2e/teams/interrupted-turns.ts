import type { ShellType } from '@wegent/api';

/** A turn of a Team, and the moment in it at which something happens to the processes that run it. */
export interface InterruptedTurn {
  /** Name of its Team. */
  name: string;
  mode: 'solo' | 'pipeline' | 'route' | 'collaborate' | 'coordinate';
  members: readonly { name: string; shell?: ShellType; leader?: boolean; confirm?: boolean }[];
  message: string;
  /** The member whose answer is open then, after so many others of its; nobody's where a gate waits for a person. */
  open: { member: string; after?: number } | undefined;
  /** Steps that are over by then. */
  done: readonly string[];
  /** Answers of the model that each member takes to the end when nothing happens. */
  answers: Record<string, number>;
  /** Answers that are given once more because a run begins anew; none where it reads on. */
  again?: Record<string, number>;
  /** All steps, in the order in which they begin; those of one moment are sorted. */
  steps: readonly string[];
  text: string | RegExp;
}

const TRIO = [{ name: 'ann', leader: true }, { name: 'ben' }, { name: 'cleo' }] as const;
const CODER = [
  { name: 'ann', leader: true, shell: 'ClaudeCode' },
  { name: 'ben' },
  { name: 'cleo' },
] as const;
const STAGES = ['stage-1', 'stage-2', 'stage-3'];
const RELAY = {
  mode: 'pipeline',
  members: TRIO,
  message: 'Build a shed.',
  answers: { ann: 1, ben: 1, cleo: 1 },
  steps: STAGES,
  text: 'cleo was here',
} as const;
const ROUTE = {
  mode: 'route',
  members: TRIO,
  message: 'Cross the river.',
  answers: { ann: 1, ben: 1 },
  steps: ['route-1', 'answer'],
  text: 'ben was here',
} as const;
const ROUNDS = {
  mode: 'collaborate',
  members: TRIO,
  message: 'Paint the shed.',
  answers: { ann: 1, ben: 2, cleo: 2 },
  steps: ['round-1-2', 'round-1-3', 'round-2-2', 'round-2-3', 'answer'],
  text: 'ann was here',
} as const;
const LEADER = {
  mode: 'coordinate',
  message: 'Cross the river.',
  answers: { ann: 2, ben: 1, cleo: 1 },
  steps: ['answer', 'delegate ben', 'delegate cleo'],
} as const;
const CODING_LEADER = {
  ...LEADER,
  members: CODER,
  message:
    '[[tools-parallel delegate {"member":"ben","instruction":"Look, ben."} delegate {"member":"cleo","instruction":"Look, cleo."}]]',
  text: /ben was here.*cleo was here/s,
} as const;

/** Every mode, at every kind of moment in it. */
export const INTERRUPTED_TURNS: readonly InterruptedTurn[] = [
  {
    name: 'solo',
    mode: 'solo',
    members: [{ name: 'ann' }],
    message: 'Hello.',
    open: { member: 'ann' },
    done: [],
    answers: { ann: 1 },
    steps: [],
    text: 'ann was here',
  },
  { name: 'pipeline-first', ...RELAY, open: { member: 'ann' }, done: [] },
  { name: 'pipeline-second', ...RELAY, open: { member: 'ben' }, done: ['stage-1'] },
  {
    name: 'pipeline-gate',
    ...RELAY,
    members: [{ name: 'ann', confirm: true }, { name: 'ben' }, { name: 'cleo' }],
    open: undefined,
    done: ['stage-1'],
    steps: ['stage-1', 'gate-1', 'stage-2', 'stage-3'],
  },
  {
    name: 'pipeline-sandbox',
    ...RELAY,
    members: [{ name: 'ann' }, { name: 'ben', shell: 'ClaudeCode' }, { name: 'cleo' }],
    message: '[[say Before.]] [[tool Bash {"command":"echo once >> made.txt"}]] [[say After.]]',
    open: { member: 'ben', after: 1 },
    done: ['stage-1'],
    answers: { ann: 1, ben: 2, cleo: 1 },
  },
  { name: 'route-choosing', ...ROUTE, open: { member: 'ann' }, done: [] },
  { name: 'route-answering', ...ROUTE, open: { member: 'ben' }, done: ['route-1'] },
  { name: 'rounds-member', ...ROUNDS, open: { member: 'ben' }, done: ['round-1-3'] },
  {
    name: 'rounds-second',
    ...ROUNDS,
    open: { member: 'cleo', after: 1 },
    done: ['round-1-2', 'round-1-3', 'round-2-2'],
  },
  {
    name: 'rounds-leader',
    ...ROUNDS,
    open: { member: 'ann' },
    done: ['round-1-2', 'round-1-3', 'round-2-2', 'round-2-3'],
  },
  {
    name: 'lead-member',
    ...LEADER,
    members: TRIO,
    open: { member: 'ben' },
    done: ['delegate cleo'],
    // The run of the leader begins anew and gives the same work away; what is done is found.
    again: { ann: 1 },
    text: 'ann was here and ben was here and cleo was here',
  },
  {
    name: 'lead-answer',
    ...LEADER,
    members: TRIO,
    open: { member: 'ann', after: 1 },
    done: ['delegate ben', 'delegate cleo'],
    again: { ann: 1 },
    text: 'ann was here and ben was here and cleo was here',
  },
  { name: 'coder-member', ...CODING_LEADER, open: { member: 'ben' }, done: [] },
  {
    name: 'coder-answer',
    ...CODING_LEADER,
    open: { member: 'ann', after: 1 },
    done: ['delegate ben', 'delegate cleo'],
  },
];
