import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Spreads the files of each sort evenly over the run. Those of `e2e` start processes of their own and meet others that
 * are lighter; those with a Docker engine, of which a machine has one at a time, seldom wait for each other.
 */
export class EvenSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorts = Map.groupBy(await super.sort(files), sortOf);
    return [...sorts.values()]
      .flatMap((same) =>
        same.map((file, index) => ({ file, place: ((index + 0.5) / same.length) * shareOf(file) })),
      )
      .sort((left, right) => orderOf(left.file) - orderOf(right.file) || left.place - right.place)
      .map(({ file }) => file);
  }
}

function sortOf({ project, moduleId }: TestSpecification): string {
  return /docker/.test(moduleId) ? 'docker' : project.name;
}

/** Which share of the run the files of a sort fill: the end is left to short ones, so that no worker waits for another. */
function shareOf(file: TestSpecification): number {
  return sortOf(file) === 'integration' ? 1 : 0.9;
}

function orderOf({ project }: TestSpecification): number {
  return project.config.sequence.groupOrder;
}
