import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { API_VERSION, ApiError, kindByName, type ResourceObject, Skill, SkillStatus } from '@wegent/api';
import type { BlobStore } from '@wegent/blob';
import type { Store } from '@wegent/store';
import type { Access } from '../access/access.ts';
import type { Principal } from '../auth/principal.ts';
import type { ResourceService } from '../resources/resource.service.ts';
import { readZip } from './read-zip.ts';
import { skillBlobKey } from './skill-blob.ts';
import { readManifest } from './skill-manifest.ts';

/** Bytes of an archive. */
export const MAX_ARCHIVE_BYTES = 10 * 1024 * 1024;
const MAX_ATTEMPTS = 5;

/** Archives of Skills, see `createSkillService`. */
export type SkillService = ReturnType<typeof createSkillService>;

/** Names one Skill. */
export interface SkillKey {
  principal: Principal;
  namespace: string;
  name: string;
}

/** Keeps the folder of each Skill as a zip archive; its object says what SKILL.md says. */
export function createSkillService({
  store,
  blobs,
  access,
  resources,
  onChange,
}: {
  store: Store;
  blobs: BlobStore;
  access: Access;
  resources: Pick<ResourceService, 'apply' | 'reader'>;
  /** Called after the status of an object changed. */
  onChange: () => void;
}) {
  const definition = kindByName(Skill.kind) ?? Skill;
  const load = ({ principal, namespace, name }: SkillKey) =>
    resources.reader.load({ principal, definition, namespace, name });

  /** Notes in the status which archive there is; answers the one that it replaced. */
  async function setArchive(
    { namespace, name }: SkillKey,
    archive: { fileHash: string; fileSize: number } | undefined,
  ): Promise<{ object: ResourceObject; before: string | undefined }> {
    for (let attempt = 1; ; attempt += 1) {
      const stored = await store.resources.get(Skill.kind, namespace, name);
      if (!stored) throw new ApiError('NotFound', `Skill "${name}" not found in namespace "${namespace}"`);
      const { fileHash: before, fileSize: _size, ...status } = SkillStatus.parse(stored.status ?? {});
      try {
        const object = await store.resources.update(
          { ...stored, status: { ...status, ...archive } },
          stored.metadata.resourceVersion ?? '',
        );
        onChange();
        return { object, before };
      } catch (error) {
        const overtaken = error instanceof ApiError && error.reason === 'Conflict';
        if (!overtaken || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  async function removeBlob(object: ResourceObject, hash: string | undefined): Promise<void> {
    if (hash !== undefined) await blobs.delete(skillBlobKey(object, hash));
  }

  return {
    /** Checks and stores an archive; makes the Skill when it is not there. */
    async put(key: SkillKey, archive: Buffer): Promise<ResourceObject> {
      const { principal, namespace, name } = key;
      // Who may not write need not learn what is wrong with the archive.
      const stored = await store.resources.get(Skill.kind, namespace, name);
      await access.authorise(
        principal,
        stored
          ? { verb: 'update', kind: Skill.kind, namespace, name }
          : { verb: 'create', kind: Skill.kind, namespace },
      );
      const manifest = readManifest(await readZip(archive));
      await resources.apply({
        principal,
        definition,
        namespace,
        name,
        input: {
          apiVersion: API_VERSION,
          kind: Skill.kind,
          metadata: { name },
          spec: { ...stored?.spec, ...manifest },
        },
        dryRun: false,
        fieldValidation: 'Strict',
      });
      const sha256 = createHash('sha256').update(archive).digest('hex');
      const current = await load(key);
      // The bytes are there before anybody is told of them.
      await blobs.put(skillBlobKey(current, sha256), archive);
      const { object, before } = await setArchive(key, { fileHash: sha256, fileSize: archive.length });
      if (before !== sha256) await removeBlob(object, before);
      return resources.reader.presentOne(object);
    },

    /** The archive of a Skill that the caller may read. */
    async open(key: SkillKey): Promise<{ size: number | undefined; content: Readable }> {
      const object = await load(key);
      const { fileHash, fileSize } = SkillStatus.parse(object.status ?? {});
      const content = fileHash === undefined ? undefined : await blobs.get(skillBlobKey(object, fileHash));
      if (!content) throw new ApiError('NotFound', `Skill "${key.name}" has no archive`);
      return { size: fileSize, content };
    },

    /** Removes the archive; the Skill stays. */
    async remove(key: SkillKey): Promise<void> {
      const { principal, namespace, name } = key;
      await access.authorise(principal, { verb: 'update', kind: Skill.kind, namespace, name });
      const { object, before } = await setArchive(key, undefined);
      if (before === undefined) throw new ApiError('NotFound', `Skill "${name}" has no archive`);
      await removeBlob(object, before);
    },

    /** A Skill was deleted, and nobody finds its archive any more. */
    async forget(object: ResourceObject): Promise<void> {
      await removeBlob(object, SkillStatus.parse(object.status ?? {}).fileHash);
    },
  };
}
