import { inflateRawSync } from 'node:zlib';

/** A file of an archive. */
export interface ZipFile {
  /** Relative, with `/` between its parts, none of them `..`. */
  path: string;
  data: Buffer;
  executable: boolean;
}

/** What an archive may hold. */
export interface ZipLimits {
  files: number;
  bytes: number;
}

const END_OF_DIRECTORY = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const MADE_ON_UNIX = 3;
const FILE_TYPE = 0o170000;
const REGULAR = 0o100000;
const FOLDER = 0o040000;

/**
 * Reads a zip archive into memory and refuses what does not belong into one from strangers: names that lead out, links,
 * devices, the same name twice, encryption, and more than the limits, whatever its headers say.
 */
export function unzip(archive: Buffer, limits: ZipLimits): ZipFile[] {
  const { count, offset } = findDirectory(archive);
  if (count > limits.files) throw new Error(`it has ${count} entries, more than ${limits.files}`);
  const files: ZipFile[] = [];
  const seen = new Set<string>();
  let total = 0;
  let at = offset;
  for (let index = 0; index < count; index++) {
    if (at + 46 > archive.length || archive.readUInt32LE(at) !== ENTRY)
      throw new Error('its directory is damaged');
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const mode = archive.readUInt8(at + 5) === MADE_ON_UNIX ? archive.readUInt32LE(at + 38) >>> 16 : 0;
    const entry = {
      flags: archive.readUInt16LE(at + 8),
      method: archive.readUInt16LE(at + 10),
      packed: archive.readUInt32LE(at + 20),
      size: archive.readUInt32LE(at + 24),
      start: archive.readUInt32LE(at + 42),
    };
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    const type = mode & FILE_TYPE;
    if (type !== 0 && type !== REGULAR && type !== FOLDER)
      throw new Error(`${shown(name)} is a link or device`);
    checkName(name);
    if (name.endsWith('/') || type === FOLDER) continue;
    if (seen.has(name)) throw new Error(`${shown(name)} is there twice`);
    seen.add(name);
    total += entry.size;
    if (total > limits.bytes) throw new Error(`its files have more than ${limits.bytes} bytes`);
    files.push({ path: name, data: readEntry(archive, name, entry), executable: (mode & 0o100) !== 0 });
  }
  return files;
}

function findDirectory(archive: Buffer): { count: number; offset: number } {
  const lowest = Math.max(0, archive.length - 22 - 0xffff);
  for (let at = archive.length - 22; at >= lowest; at--) {
    if (archive.readUInt32LE(at) !== END_OF_DIRECTORY) continue;
    return { count: archive.readUInt16LE(at + 10), offset: archive.readUInt32LE(at + 16) };
  }
  throw new Error('it is no zip archive');
}

function checkName(name: string): void {
  const parts = name.replace(/\/$/, '').split('/');
  const bad = parts.some((part) => part === '' || part === '.' || part === '..');
  if (bad || /[\\\p{Cc}]/u.test(name) || /^[A-Za-z]:/.test(name))
    throw new Error(`${shown(name)} is no name for a file`);
}

function readEntry(
  archive: Buffer,
  name: string,
  {
    flags,
    method,
    packed,
    size,
    start,
  }: { flags: number; method: number; packed: number; size: number; start: number },
): Buffer {
  if (flags & 1) throw new Error(`${shown(name)} is encrypted`);
  if (start + 30 > archive.length || archive.readUInt32LE(start) !== LOCAL_HEADER)
    throw new Error(`${shown(name)} is damaged`);
  const from = start + 30 + archive.readUInt16LE(start + 26) + archive.readUInt16LE(start + 28);
  const data = archive.subarray(from, from + packed);
  if (data.length !== packed) throw new Error(`${shown(name)} is cut off`);
  if (method !== 0 && method !== 8) throw new Error(`${shown(name)} is packed in an unknown way`);
  // A header that lies about the size runs into the limit of the output.
  const plain =
    method === 0 ? Buffer.from(data) : inflateRawSync(data, { maxOutputLength: Math.max(1, size) });
  if (plain.length !== size) throw new Error(`${shown(name)} has another size than it says`);
  return plain;
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 200));
}
