import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { ApiError } from '@wegent/api';

const inflate = promisify(inflateRaw);

/** What an archive from strangers may hold. */
const ZIP_LIMITS = { entries: 2_000, bytes: 64 * 1024 * 1024, nameBytes: 1024 };

const END_OF_DIRECTORY = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const UNIX = 3;
const FILE_TYPE = 0o170000;
const REGULAR = 0o100000;
const FOLDER = 0o040000;
const STORED = 0;
const DEFLATED = 8;

interface Entry {
  name: string;
  flags: number;
  method: number;
  crc: number;
  packed: number;
  size: number;
  start: number;
}

/**
 * The files of a zip archive by name, each unpacked once to see that it is what its header says. Invalid, naming what
 * is wrong, for anything that has no place in an archive which others will unpack: names that lead out, links, devices,
 * the same name twice, encryption, other packings, and more than the limits allow.
 */
export async function readZip(archive: Buffer): Promise<Map<string, Buffer>> {
  const entries = readDirectory(archive);
  const files = new Map<string, Buffer>();
  const seen = new Set<string>();
  let total = 0;
  for (const entry of entries) {
    // Some file systems take names for the same that differ in case or composition.
    const key = entry.name.normalize('NFC').toLowerCase();
    if (seen.has(key)) throw refused(`${shown(entry.name)} is there twice`);
    seen.add(key);
    total += entry.size;
    if (total > ZIP_LIMITS.bytes)
      throw refused(`unpacked it has more than ${ZIP_LIMITS.bytes / 1024 / 1024} MiB`);
    files.set(entry.name, await unpack(archive, entry));
  }
  return files;
}

function readDirectory(archive: Buffer): Entry[] {
  const { count, offset } = findDirectory(archive);
  if (count > ZIP_LIMITS.entries) throw refused(`it has ${count} entries, ${ZIP_LIMITS.entries} are allowed`);
  const entries: Entry[] = [];
  let at = offset;
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > archive.length || archive.readUInt32LE(at) !== ENTRY)
      throw refused('its directory is damaged');
    const nameLength = archive.readUInt16LE(at + 28);
    const next = at + 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    if (next > archive.length || nameLength > ZIP_LIMITS.nameBytes) throw refused('its directory is damaged');
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const mode = archive.readUInt8(at + 5) === UNIX ? archive.readUInt32LE(at + 38) >>> 16 : 0;
    checkName(name);
    const type = mode & FILE_TYPE;
    if (type !== 0 && type !== REGULAR && type !== FOLDER)
      throw refused(`${shown(name)} is a link or a device`);
    if (!name.endsWith('/') && type !== FOLDER) {
      entries.push({
        name,
        flags: archive.readUInt16LE(at + 8),
        method: archive.readUInt16LE(at + 10),
        crc: archive.readUInt32LE(at + 16),
        packed: archive.readUInt32LE(at + 20),
        size: archive.readUInt32LE(at + 24),
        start: archive.readUInt32LE(at + 42),
      });
    }
    at = next;
  }
  return entries;
}

function findDirectory(archive: Buffer): { count: number; offset: number } {
  const lowest = Math.max(0, archive.length - 22 - 0xffff);
  for (let at = archive.length - 22; at >= lowest; at -= 1) {
    if (archive.readUInt32LE(at) !== END_OF_DIRECTORY) continue;
    // Two readers must not find two directories in one archive.
    if (at + 22 + archive.readUInt16LE(at + 20) !== archive.length) continue;
    return { count: archive.readUInt16LE(at + 10), offset: archive.readUInt32LE(at + 16) };
  }
  throw refused('it is no zip archive');
}

function checkName(name: string): void {
  const parts = name.replace(/\/$/, '').split('/');
  const leadsOut = parts.some((part) => part === '' || part === '.' || part === '..');
  if (leadsOut || /[\\\p{Cc}\ufffd]/u.test(name) || /^[A-Za-z]:/.test(name))
    throw refused(`${shown(name)} is no name for a file of it`);
}

async function unpack(
  archive: Buffer,
  { name, flags, method, crc, packed, size, start }: Entry,
): Promise<Buffer> {
  if (flags & 1) throw refused(`${shown(name)} is encrypted`);
  if (start + 30 > archive.length || archive.readUInt32LE(start) !== LOCAL_HEADER)
    throw refused(`${shown(name)} is damaged`);
  const from = start + 30 + archive.readUInt16LE(start + 26) + archive.readUInt16LE(start + 28);
  const data = archive.subarray(from, from + packed);
  if (data.length !== packed) throw refused(`${shown(name)} is cut off`);
  if (method !== STORED && method !== DEFLATED)
    throw refused(`${shown(name)} is packed in a way that is not known`);
  // A header that lies about the size runs into the limit of the output.
  const plain =
    method === STORED
      ? data
      : await inflate(data, { maxOutputLength: Math.max(1, size) }).catch(() => undefined);
  if (plain?.length !== size || crc32(plain) !== crc)
    throw refused(`${shown(name)} is not what its header says`);
  return plain;
}

function refused(why: string): ApiError {
  return new ApiError('Invalid', `the archive cannot be used: ${why}`, {
    details: { causes: [{ reason: 'FieldValueInvalid', field: 'archive', message: why }] },
  });
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 200));
}
