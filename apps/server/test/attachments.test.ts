import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, startResourceServer } from './support/resource-server.ts';

const UPLOADS = '/api/v1/attachments';
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** A PDF of one page with one line of text. */
function pdf(text: string): Buffer {
  const stream = `BT /F1 12 Tf 20 100 Td (${text}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let text_ = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = text_.length;
    text_ += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  return Buffer.from(
    `${text_}xref\n0 6\n0000000000 65535 f \n${table}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n${text_.length}\n%%EOF\n`,
  );
}

let server: Awaited<ReturnType<typeof startResourceServer>>;
beforeAll(async () => {
  server = await startResourceServer();
});
afterAll(() => server[Symbol.asyncDispose]());

async function upload(name: string, content: string | Uint8Array, person: Person = 'bob') {
  const boundary = 'xxboundaryxx';
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: text/html\r\n\r\n`;
  const body = Buffer.concat([
    Buffer.from(head),
    Buffer.from(content),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  return server.call('POST', UPLOADS, { body, person, type: `multipart/form-data; boundary=${boundary}` });
}

describe('attachments', () => {
  it.each([
    ['notes.txt', 'hello', 'text/plain', 'hello'],
    ['data.json', '{"a": 1}', 'application/json', '{"a": 1}'],
    ['说明.md', '# 标题', 'text/markdown', '# 标题'],
    ['Makefile', 'all:\n', 'text/plain', 'all:\n'],
    ['page.html', '<script>alert(1)</script>', 'text/plain', '<script>alert(1)</script>'],
    ['feed.xml', '<?xml version="1.0"?><a/>', 'application/xml', '<?xml version="1.0"?><a/>'],
    ['dot.PNG', PNG, 'image/png', null],
    ['paper.pdf', pdf('Hello from a page'), 'application/pdf', 'Hello from a page'],
    ['broken.pdf', '%PDF-1.4\nnothing in here', 'application/pdf', null],
  ])('keeps %s', async (name, content, mediaType, text) => {
    const { status, body } = await upload(name, content);
    expect(body).toEqual({ id: expect.any(String), name, mediaType, size: Buffer.from(content).length });
    expect(status).toBe(201);
    const [row] = await server.store.attachments.getMany([body.id]);
    expect(row?.text).toBe(text);
    const back = await server.app.inject({
      method: 'GET',
      url: `${UPLOADS}/${body.id}`,
      headers: { 'x-person': 'bob' },
    });
    expect(back.rawPayload.equals(Buffer.from(content))).toBe(true);
    expect(back.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
    });
    const inline = mediaType.startsWith('image/') || mediaType === 'application/pdf';
    expect(String(back.headers['content-disposition']).startsWith(inline ? 'inline;' : 'attachment;')).toBe(
      true,
    );
  });

  it.each([
    [
      'program.exe',
      Buffer.from('4d5a90000300000004000000ffff0000', 'hex'),
      415,
      'accepted are text, source code',
    ],
    ['archive.zip', Buffer.from('504b0304140000000800', 'hex'), 415, 'application/zip'],
    ['photo.txt', PNG, 415, 'holds image/png, which does not go with its extension'],
    ['photo.jpg', PNG, 415, 'does not go with its extension'],
    ['picture.png', 'not a picture', 415, '"picture.png" does not hold image/png'],
    ['latin1.txt', Buffer.from([0x68, 0xe9, 0x20, 0x68]), 415, 'neither text nor a known kind of file'],
    ['nul.txt', 'a\0b', 415, 'neither text'],
    ['x.unknown', 'text', 415, 'files that end with ".unknown" are not known'],
    ['empty.txt', '', 400, 'is empty'],
    ['big.txt', 'x'.repeat(64 * 1024 + 1), 413, '"big.txt" is larger than 65536 bytes'],
  ])('refuses %s', async (name, content, status, says) => {
    const answer = await upload(name, content);
    expect(answer.body).toMatchObject({
      kind: 'Status',
      code: status,
      message: expect.stringContaining(says),
    });
    expect(answer.status).toBe(status);
  });

  it('refuses bodies that carry no file', async () => {
    expect((await server.call('POST', UPLOADS, { body: { a: 1 } })).status).toBe(415);
    expect(
      (await server.call('POST', UPLOADS, { body: '--x--\r\n', type: 'multipart/form-data; boundary=x' }))
        .status,
    ).toBe(400);
    expect(
      (await server.call('POST', UPLOADS, { body: 'x', type: 'multipart/form-data' })).status,
    ).toBeLessThan(500);
  });

  it('cleans names and keeps the rest of them', async () => {
    expect((await upload('../../etc/pass\u202ewd.txt', 'x')).body.name).toBe('passwd.txt');
    expect((await upload('C:\\\\temp\\\\<b>a</b>.txt', 'x')).body.name).toBe('b>.txt');
    const long = (await upload(`${'ä'.repeat(400)}.txt`, 'x')).body.name;
    expect([...long]).toHaveLength(200);
    expect(long.endsWith('ä.txt')).toBe(true);
    const { body } = await upload('<img src=x onerror=alert(1)>.txt', 'x');
    expect(body.name).toBe('<img src=x onerror=alert(1)>.txt');
    const back = await server.get(`${UPLOADS}/${body.id}`);
    expect(back.headers['content-disposition']).toBe(
      'attachment; filename="<img src=x onerror=alert(1)>.txt"; filename*=UTF-8\'\'%3Cimg%20src%3Dx%20onerror%3Dalert%281%29%3E.txt',
    );
  });

  it('belongs to its owner until it is sent, then to the task, once', async () => {
    const { body } = await upload('mine.txt', 'x');
    for (const method of ['GET', 'DELETE'] as const) {
      expect((await server.call(method, `${UPLOADS}/${body.id}`, { person: 'eve' })).status).toBe(404);
    }
    expect((await server.get(`${UPLOADS}/nope`)).status).toBe(404);
    const bob = { userId: 'u-bob', username: 'bob', role: 'user', namespace: 'bob', via: 'session' } as const;
    expect((await server.attachments.forMessage(bob, [body.id])).map(({ name }) => name)).toEqual([
      'mine.txt',
    ]);
    await expect(server.attachments.forMessage({ ...bob, userId: 'u-eve' }, [body.id])).rejects.toMatchObject(
      { reason: 'NotFound' },
    );
    await server.store.attachments.link([body.id], { taskId: 't', messageId: 'm' });
    await expect(server.attachments.forMessage(bob, [body.id])).rejects.toMatchObject({ reason: 'Conflict' });
    expect((await server.call('DELETE', `${UPLOADS}/${body.id}`)).status).toBe(409);
    const { body: other } = await upload('other.txt', 'x');
    expect((await server.call('DELETE', `${UPLOADS}/${other.id}`)).status).toBe(204);
    expect((await server.get(`${UPLOADS}/${other.id}`)).status).toBe(404);
  });
});
