import { createHash } from 'node:crypto';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatServer, document, type Person, startChatServer } from './support/chat-server.ts';

let server: ChatServer;
let bob: Person;
let eve: Person;

beforeAll(async () => {
  server = await startChatServer();
  bob = await server.newPerson('bob');
  eve = await server.newPerson('eve');
});
afterAll(() => server[Symbol.asyncDispose]());

const MANIFEST = '---\nname: pdf\ndescription: Reads PDF files.\nversion: 1.2\ntags: [files]\n---\n# PDF\n';
const place = (name: string, namespace = 'bob') => `/api/v1/namespaces/${namespace}/skills/${name}`;

async function put(person: Person, path: string, archive: Uint8Array, type = 'application/zip') {
  const response = await fetch(`${server.url}${path}/archive`, {
    method: 'PUT',
    body: new Uint8Array(archive),
    headers: { authorization: `Bearer ${person.token}`, 'content-type': type },
  });
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text) };
}

describe('the archive of a Skill', () => {
  test('makes the Skill, comes back as it was, and goes to the runs that use it', async () => {
    const archive = zip({ 'pdf/SKILL.md': MANIFEST, 'pdf/scripts/read.py': 'print(1)\n'.repeat(100) });
    const sha256 = createHash('sha256').update(archive).digest('hex');
    const made = await put(bob, place('pdf'), archive);
    expect(made.status).toBe(200);
    expect(made.body).toMatchObject({
      kind: 'Skill',
      metadata: { name: 'pdf', namespace: 'bob' },
      spec: { description: 'Reads PDF files.', version: 1.2, tags: ['files'] },
      status: { fileSize: archive.length, fileHash: sha256, state: 'Available' },
    });
    expect((await bob.call('GET', place('pdf'))).body.status).toMatchObject({ fileHash: sha256 });
    const response = await fetch(`${server.url}${place('pdf')}/archive`, {
      headers: { authorization: `Bearer ${bob.token}` },
    });
    expect(Buffer.from(await response.arrayBuffer()).equals(archive)).toBe(true);
    expect(response.headers.get('content-disposition')).toContain('attachment; filename="pdf.zip"');

    for (const object of [
      document('Ghost', 'reader', { systemPrompt: 'Read.', skills: ['pdf', 'not-there'] }),
      document('Bot', 'reader', {
        ghostRef: { name: 'reader' },
        shellRef: { name: 'ClaudeCode' },
        modelRef: { name: 'demo-claude' },
      }),
      document('Team', 'reader', { members: [{ botRef: { name: 'reader' } }] }),
    ]) {
      const answer = await bob.call('POST', `/api/v1/namespaces/bob/${object.kind.toLowerCase()}s`, object);
      expect(answer.status).toBe(201);
    }
    const { taskId } = await bob.send({ message: 'Read.', team: { name: 'reader' } });
    const run = await server.nextRun(taskId);
    const uid = made.body.metadata.uid;
    expect(run.claim.spec.skills).toEqual([
      {
        name: 'pdf',
        description: 'Reads PDF files.',
        archive: { blobKey: `skills/${uid}-${sha256}`, sha256 },
      },
    ]);
    expect(Buffer.from((await server.blobs.read(`skills/${uid}-${sha256}`)) ?? []).equals(archive)).toBe(
      true,
    );
    await run.answer('Done.');
  });

  test('is replaced and removed without a trace', async () => {
    const first = zip({ 'SKILL.md': MANIFEST });
    const { body } = await put(bob, place('short'), first);
    const key = (archive: Buffer) =>
      `skills/${body.metadata.uid}-${createHash('sha256').update(archive).digest('hex')}`;
    const second = zip({ 'SKILL.md': MANIFEST.replace('1.2', '2.0.0').replace('Reads', 'Writes') });
    const replaced = await put(bob, place('short'), second);
    expect(replaced.body).toMatchObject({
      metadata: { uid: body.metadata.uid },
      spec: { description: 'Writes PDF files.', version: '2.0.0' },
    });
    expect(await server.blobs.read(key(first))).toBeUndefined();
    // A write of the object leaves the archive alone, and cannot name another one.
    const status = { fileHash: 'f'.repeat(64), fileSize: 1 };
    const written = await bob.call('PUT', place('short'), {
      ...document('Skill', 'short', { description: 'By hand.' }),
      status,
    });
    expect(written.body.status).toMatchObject({ fileSize: second.length });
    expect((await bob.call('DELETE', `${place('short')}/archive`)).status).toBe(204);
    expect(await server.blobs.read(key(second))).toBeUndefined();
    expect((await bob.call('GET', `${place('short')}/archive`)).status).toBe(404);
    expect((await bob.call('DELETE', `${place('short')}/archive`)).status).toBe(404);
    expect((await bob.call('GET', place('short'))).body.status.fileHash).toBeUndefined();
    await put(bob, place('short'), first);
    expect((await bob.call('DELETE', place('short'))).status).toBe(200);
    expect(await server.blobs.read(key(first))).toBeUndefined();
  });

  test('is written by those who may write there, and read by those who may read', async () => {
    const archive = zip({ 'SKILL.md': MANIFEST });
    expect((await put(bob, place('own'), archive)).status).toBe(200);
    expect((await put(eve, place('own'), archive)).status).toBe(403);
    expect((await put(eve, place('new'), zip({ x: 'no skill' }))).status).toBe(403);
    expect((await put(bob, place('mine', 'public'), archive)).status).toBe(403);
    for (const name of ['own', 'nothing'])
      expect((await eve.call('GET', `${place(name)}/archive`)).status).toBe(404);
    expect((await eve.call('DELETE', `${place('own')}/archive`)).status).toBe(403);
    expect((await put(server.admin, place('common', 'public'), archive)).status).toBe(200);
    expect((await eve.call('GET', `${place('common', 'public')}/archive`)).status).toBe(200);
  });

  const good = { 'SKILL.md': MANIFEST };
  test.each<[string, Buffer, RegExp]>([
    ['no archive', Buffer.from('hello'), /no zip archive/],
    ['nothing', zip({}), /no SKILL\.md/],
    ['no SKILL.md', zip({ 'README.md': 'x' }), /no SKILL\.md/],
    ['SKILL.md in one of two folders', zip({ 'a/SKILL.md': MANIFEST, 'b/x': 'x' }), /no SKILL\.md/],
    ['no front matter', zip({ 'SKILL.md': '# PDF' }), /front matter/],
    ['no description', zip({ 'SKILL.md': '---\nname: x\n---\n' }), /no description/],
    ['front matter that is no YAML', zip({ 'SKILL.md': '---\na: [\n---\n' }), /./],
    [
      'a description without end',
      zip({ 'SKILL.md': `---\ndescription: ${'x'.repeat(5000)}\n---\n` }),
      /description/,
    ],
    ['a name that leads out', zip({ ...good, '../evil': 'x' }), /no name for a file/],
    ['an absolute name', zip({ ...good, '/etc/passwd': 'x' }), /no name for a file/],
    ['a name of Windows', zip({ ...good, 'C:\\evil': 'x' }), /no name for a file/],
    ['a name with a backslash', zip({ ...good, '..\\evil': 'x' }), /no name for a file/],
    ['a link', zip({ ...good, link: { text: '/etc/passwd', mode: 0o120777 } }), /link or a device/],
    ['a device', zip({ ...good, device: { text: '', mode: 0o020666 } }), /link or a device/],
    ['the same name twice', zip(good, { 'skill.MD': 'x' }), /twice/],
    [
      'a size that is a lie',
      zip({ ...good, x: { text: 'x'.repeat(1000), size: 10 } }),
      /not what its header says/,
    ],
    ['a checksum that is a lie', zip({ ...good, x: { text: 'abc', crc: 1 } }), /not what its header says/],
    ['encryption', zip({ ...good, x: { text: 'abc', flags: 1 } }), /encrypted/],
    ['another packing', zip({ ...good, x: { text: 'abc', method: 99 } }), /not known/],
    ['a bomb', zip({ ...good, x: { text: '\0'.repeat(65 * 1024 * 1024) } }), /more than 64 MiB/],
    [
      'too many files',
      zip(Object.fromEntries(Array.from({ length: 2001 }, (_, index) => [`f${index}`, '']))),
      /2000 are allowed/,
    ],
    ['an archive that is cut off', zip(good).subarray(0, 60), /no zip archive/],
  ])('is refused with %s, and nothing is made', async (_what, archive, message) => {
    const answer = await put(bob, place('bad'), archive);
    expect([400, 422]).toContain(answer.status);
    expect(answer.body.message).toMatch(message);
    expect((await bob.call('GET', place('bad'))).status).toBe(404);
  });

  test('is refused when it is too large, or sent as something else', async () => {
    expect((await put(bob, place('bad'), Buffer.alloc(10 * 1024 * 1024 + 1))).status).toBe(413);
    expect((await put(bob, place('bad'), Buffer.from('{}'), 'application/json')).status).toBe(415);
    expect((await put(bob, place('bad'), Buffer.alloc(0))).status).toBe(415);
    expect((await put(bob, place('..%2Fbad'), zip(good))).status).toBeGreaterThanOrEqual(400);
  });
});

type Entry =
  | string
  | { text: string; mode?: number; size?: number; crc?: number; flags?: number; method?: number };

/** Packs entries into an archive, and lies where it is told to. */
function zip(...groups: Record<string, Entry>[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, entry] of groups.flatMap((group) => Object.entries(group))) {
    const given = typeof entry === 'string' ? { text: entry } : entry;
    const plain = Buffer.from(given.text);
    const packed = deflateRawSync(plain);
    const title = Buffer.from(name);
    const { flags = 0, method = 8, crc = crc32(plain), size = plain.length, mode = 0o100644 } = given;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(flags, 6);
    local.writeUInt16LE(method, 8);
    local.writeUInt32LE(crc, 14);
    local.writeUInt32LE(packed.length, 18);
    local.writeUInt32LE(size, 22);
    local.writeUInt16LE(title.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt8(3, 5);
    central.writeUInt16LE(flags, 8);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(crc, 16);
    central.writeUInt32LE(packed.length, 20);
    central.writeUInt32LE(size, 24);
    central.writeUInt16LE(title.length, 28);
    central.writeUInt32LE((mode << 16) >>> 0, 38);
    central.writeUInt32LE(offset, 42);
    locals.push(local, title, packed);
    directory.push(central, title);
    offset += local.length + title.length + packed.length;
  }
  const body = Buffer.concat(locals);
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(directory.length / 2, 8);
  end.writeUInt16LE(directory.length / 2, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(body.length, 16);
  return Buffer.concat([body, entries, end]);
}
