import type { ModelCall } from '../processes/team-model.ts';

/** What a question to the model waits for: the one before it, or all of the round before. */
export type Hop = 'each' | 'round';

/** Milliseconds from the end of what was waited for to each question that waited for it. */
export function gapsOf(calls: readonly ModelCall[], hop: Hop): number[] {
  const inOrder = calls.toSorted((left, right) => left.arrived - right.arrived);
  return hop === 'each' ? gaps(inOrder.map((call) => [call])) : gaps(roundsOf(inOrder));
}

/** Between two rounds counts the first question of the later one. */
function gaps(rounds: readonly (readonly ModelCall[])[]): number[] {
  return rounds.slice(1).flatMap((round, index) => {
    const ended = Math.max(...(rounds[index] ?? []).map((call) => call.ended));
    const arrived = Math.min(...round.map((call) => call.arrived));
    return arrived - ended;
  });
}

/** Nobody speaks twice in a round. */
function roundsOf(inOrder: readonly ModelCall[]): ModelCall[][] {
  const rounds: ModelCall[][] = [[]];
  for (const call of inOrder) {
    const isNext = call.member === 'leader' || rounds.at(-1)?.some(({ member }) => member === call.member);
    if (isNext) rounds.push([]);
    rounds.at(-1)?.push(call);
  }
  return rounds;
}
