import { describeWith } from '@wegent/testing';
import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';
import { useStage } from './stage.ts';

/** One white pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==',
  'base64',
);
const TEXT = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('The moon is made of stone.') };
const PICTURE = { name: 'pixel.png', mimeType: 'image/png', buffer: PNG };
const DOCUMENT = { name: 'paper.pdf', mimeType: 'application/pdf', buffer: onePagePdf('Stones of the moon') };
const PROGRAM = {
  name: 'setup.exe',
  mimeType: 'application/x-msdownload',
  buffer: Buffer.from('MZ\u0090\u0000\u0003\u0000\u0000\u0000 not for a model', 'latin1'),
};

describeWith(['chromium'], 'browser: files in messages', () => {
  const stage = useStage();

  test('takes them by button, drop and paste, and the model sees them', async () => {
    const { app } = await stage.person();
    await app.openNewChat('public/assistant');
    await app.fileInput.setInputFiles([TEXT, DOCUMENT]);
    await hand(app.page.getByRole('heading', { level: 1 }), 'drop', PICTURE);
    await hand(app.composer, 'paste', { ...PICTURE, name: 'pasted.png' });
    await app.uploads.nth(3).waitFor();
    await expect.poll(() => app.uploads.and(app.page.locator('[data-status="done"]')).count()).toBe(4);
    await app.page.getByRole('button', { name: 'Remove pasted.png' }).click();
    expect(await app.uploads.count()).toBe(3);

    const answer = await app.ask('What is in these files?');
    expect(await app.uploads.count()).toBe(0);
    const said = await app.prose(answer).textContent();
    expect(said).toMatch(/image\/png/);
    const question = app.questions.first();
    await question.getByRole('button', { name: 'Save notes.txt' }).waitFor();
    await question.getByRole('img', { name: 'pixel.png' }).waitFor();
    await hand(app.page.getByRole('log'), 'drop', { ...PICTURE, name: 'later.png' });
    await app.page.getByRole('button', { name: 'Remove later.png' }).click();
    await app.page.reload();
    await question.getByRole('img', { name: 'pixel.png' }).waitFor();
    const download = app.page.waitForEvent('download');
    await question.getByRole('button', { name: 'Save notes.txt' }).click();
    expect((await download).suggestedFilename()).toBe('notes.txt');
  });

  test('refuses what no model can read, and says so', async () => {
    const { app, tolerate } = await stage.person();
    tolerate(/status of (415|422|400)/);
    await app.openNewChat('public/assistant');
    await app.fileInput.setInputFiles([PROGRAM]);
    await app.uploads.and(app.page.locator('[data-status="failed"]')).waitFor();
    expect(await app.uploads.getByRole('alert').textContent()).not.toBe('');
    expect(await app.sendButton.isDisabled()).toBe(true);
    await app.page.getByRole('button', { name: 'Remove setup.exe' }).click();
    expect(await app.uploads.count()).toBe(0);
  });

  test('says how many were too many, and that a file beside the page is nothing to open', async () => {
    const { app } = await stage.person();
    await app.openNewChat('public/assistant');
    await app.fileInput.setInputFiles(
      Array.from({ length: 23 }, (_, index) => ({ ...TEXT, name: `note-${index}.txt` })),
    );
    await app.page.getByText('20 files at most; 3 were left out').waitFor();
    expect(await app.uploads.count()).toBe(20);
    expect(await hand(app.rail, 'drop', TEXT), 'the browser would open it').toBe(true);
    expect(await app.uploads.count()).toBe(20);
  });
});

/** Drops a file on a part of the page, or pastes it there; says whether the page took it from the browser. */
async function hand(
  target: Locator,
  way: 'drop' | 'paste',
  { name, mimeType, buffer }: { name: string; mimeType: string; buffer: Buffer },
): Promise<boolean> {
  return target.evaluate(
    (box, file) => {
      const bytes = Uint8Array.from(atob(file.base64), (letter) => letter.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], file.name, { type: file.mimeType }));
      const options = { bubbles: true, cancelable: true };
      if (file.way === 'paste') {
        return !box.dispatchEvent(new ClipboardEvent('paste', { ...options, clipboardData: data }));
      }
      const [, over, dropped] = ['dragenter', 'dragover', 'drop'].map(
        (type) => !box.dispatchEvent(new DragEvent(type, { ...options, dataTransfer: data })),
      );
      return over === true && dropped === true;
    },
    { way, name, mimeType, base64: buffer.toString('base64') },
  );
}

/** The smallest PDF with one line of text. */
function onePagePdf(line: string): Buffer {
  const content = `BT /F1 24 Tf 72 700 Td (${line}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let pdf = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = pdf.length;
    pdf += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const start = pdf.length;
  const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  pdf += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}`;
  pdf += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(pdf, 'latin1');
}
