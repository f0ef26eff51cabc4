import type { ResourceObject } from '@wegent/api';

/** Where the archive of a Skill lies. Each content has a key of its own: runs that began with the old one keep it. */
export function skillBlobKey(object: Pick<ResourceObject, 'metadata'>, sha256: string): string {
  return `skills/${object.metadata.uid ?? ''}-${sha256}`;
}
