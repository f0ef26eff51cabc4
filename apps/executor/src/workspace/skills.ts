import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ExecutionEvent, SpecSkill } from '@wegent/api';
import { unzip, type ZipFile } from './unzip.ts';

/** Skills of a run. */
export interface SkillsRequest {
  skills: readonly SpecSkill[];
  /** Where the engine looks for them, each as `<name>/SKILL.md`. */
  folder: string;
  read: (key: string) => Promise<Uint8Array | undefined>;
  emit: (event: ExecutionEvent) => void;
}

const LIMITS = { files: 2_000, bytes: 64 * 1024 * 1024 };
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
/** Says which archive a folder was made from; folders without it belong to the agent. */
const MARKER = '.wegent-skill';

/**
 * Unpacks the skills of a run where its engine finds them, outside of the work tree. What a run does not name goes; a
 * skill that cannot be had is a warning, the run goes on without it.
 */
export async function installSkills({ skills, folder, read, emit }: SkillsRequest): Promise<void> {
  const wanted = skills.filter((skill) => skill.archive);
  if (wanted.length === 0 && !(await listFolder(folder)).length) return;
  await mkdir(folder, { recursive: true });
  await removeOthers(folder, new Set(wanted.map(({ name }) => name)));
  for (const skill of wanted) {
    try {
      await installOne(skill, folder, read);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      emit({
        type: 'warning',
        code: 'skill-unusable',
        message: `The skill ${skill.name} cannot be used: ${why}.`,
      });
    }
  }
}

async function installOne(skill: SpecSkill, folder: string, read: SkillsRequest['read']): Promise<void> {
  const { name, archive } = skill;
  if (!archive) return;
  if (!NAME.test(name)) throw new Error('its name is no name for a folder');
  const target = path.join(folder, name);
  const installed = await readFile(path.join(target, MARKER), 'utf8').catch(() => undefined);
  if (installed === archive.sha256) return;
  const bytes = await read(archive.blobKey);
  if (!bytes) throw new Error('its archive is gone');
  if (createHash('sha256').update(bytes).digest('hex') !== archive.sha256) {
    throw new Error('its archive is not the one that was uploaded');
  }
  const files = withoutTopFolder(unzip(Buffer.from(bytes), LIMITS));
  if (!files.some((file) => file.path === 'SKILL.md')) throw new Error('its archive holds no SKILL.md');
  const fresh = path.join(folder, `.new-${name}`);
  await rm(fresh, { recursive: true, force: true });
  for (const file of files) {
    const place = path.join(fresh, file.path);
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, file.data, { mode: file.executable ? 0o755 : 0o644, flag: 'wx' });
  }
  await writeFile(path.join(fresh, MARKER), archive.sha256);
  await rm(target, { recursive: true, force: true });
  await rename(fresh, target);
}

/** An archive may hold the skill's folder, or what is in it. */
function withoutTopFolder(files: ZipFile[]): ZipFile[] {
  if (files.some((file) => file.path === 'SKILL.md')) return files;
  const top = files[0]?.path.split('/')[0];
  if (!files.every((file) => file.path.startsWith(`${top}/`))) return files;
  return files.map((file) => ({ ...file, path: file.path.slice((top ?? '').length + 1) }));
}

async function removeOthers(folder: string, keep: ReadonlySet<string>): Promise<void> {
  for (const name of await listFolder(folder)) {
    if (keep.has(name)) continue;
    const place = path.join(folder, name);
    const ours = await readFile(path.join(place, MARKER)).then(
      () => true,
      () => false,
    );
    if (ours) await rm(place, { recursive: true, force: true });
  }
}

async function listFolder(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
