import { type GhostSpec, SkillSpec, SkillStatus, type SpecSkill } from '@wegent/api';
import type { Store } from '@wegent/store';
import { resolveReference } from '../resources/references.ts';
import { skillBlobKey } from '../skills/skill-blob.ts';
import type { Typed } from './compile.ts';

/** The Skills of a Ghost that are there; one that is missing is a condition of the Ghost, and no failure. */
export async function loadSkills(store: Store, ghost: Typed<GhostSpec>): Promise<SpecSkill[]> {
  const found = await Promise.all(
    (ghost.spec.skills ?? []).map((name) =>
      resolveReference(store, 'Skill', { name }, ghost.metadata.namespace),
    ),
  );
  return found
    .filter((object) => object !== undefined)
    .map((object) => {
      const { fileHash } = SkillStatus.parse(object.status ?? {});
      return {
        name: object.metadata.name,
        description: SkillSpec.parse(object.spec).description,
        ...(fileHash === undefined
          ? {}
          : { archive: { blobKey: skillBlobKey(object, fileHash), sha256: fileHash } }),
      };
    });
}
