import { ApiError, SkillSpec } from '@wegent/api';
import { isMapping } from '@wegent/kube';
import { toDocument } from '../resources/documents.ts';

const FILE = 'SKILL.md';

/** What SKILL.md says of a skill: `description` is a must. */
export type SkillManifest = Pick<SkillSpec, 'description' | 'version' | 'author' | 'tags'>;

/** Finds SKILL.md at the root of an archive or in its one folder, and reads its front matter. Invalid without one. */
export function readManifest(files: ReadonlyMap<string, Buffer>): SkillManifest {
  const name = findManifest([...files.keys()]);
  const text = (name === undefined ? undefined : files.get(name))?.toString('utf8');
  if (text === undefined) {
    throw invalid('the archive holds no SKILL.md, neither at its root nor in a folder that holds everything');
  }
  const [, header] = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(text) ?? [];
  if (header === undefined) {
    throw invalid(
      'SKILL.md must begin with front matter: a line "---", then description: …, then a line "---"',
    );
  }
  const matter = toDocument(header);
  if (!isMapping(matter) || typeof matter.description !== 'string' || matter.description.trim() === '')
    throw invalid('the front matter of SKILL.md has no description; it says when to use the skill');
  const { version, author, tags } = matter;
  const manifest = SkillSpec.safeParse({
    description: matter.description.trim(),
    ...(typeof version === 'string' || typeof version === 'number' ? { version } : {}),
    ...(typeof author === 'string' ? { author } : {}),
    ...(Array.isArray(tags) && tags.every((tag) => typeof tag === 'string') ? { tags } : {}),
  });
  if (manifest.success) return manifest.data;
  const [first] = manifest.error.issues;
  throw invalid(`the front matter of SKILL.md is wrong: ${first?.path.join('.')}: ${first?.message}`);
}

function findManifest(names: readonly string[]): string | undefined {
  if (names.includes(FILE)) return FILE;
  const [top] = names[0]?.split('/') ?? [];
  const nested = `${top}/${FILE}`;
  return names.includes(nested) && names.every((name) => name.startsWith(`${top}/`)) ? nested : undefined;
}

function invalid(message: string): ApiError {
  return new ApiError('Invalid', message, {
    details: { causes: [{ reason: 'FieldValueInvalid', field: 'archive', message }] },
  });
}
