import { Worker } from 'node:worker_threads';

/** Characters of text that are kept of one file. */
export const MAX_TEXT_CHARACTERS = 1_000_000;
const MAX_PAGES = 500;
const MAX_MS = 30_000;
const MAX_HEAP_MB = 512;

// A PDF may keep a parser busy for long, so it is read on a thread of its own that can be ended.
// The source is text because a bundle has no second file to start the thread from.
const PDF_WORKER = `
import { parentPort, workerData } from 'node:worker_threads';
const { getDocumentProxy } = await import(workerData.unpdf);
const document = await getDocumentProxy(workerData.content, { verbosity: 0 });
const pages = [];
let length = 0;
for (let number = 1; number <= Math.min(document.numPages, workerData.maxPages) && length < workerData.maxCharacters; number += 1) {
  const page = await document.getPage(number);
  const { items } = await page.getTextContent();
  const text = items.map((item) => (item.str ?? '') + (item.hasEOL ? '\\n' : '')).join('');
  pages.push(text);
  length += text.length;
}
parentPort.postMessage(pages.join('\\n\\n'));
`;

/** The text of a text file, or of a PDF; null for images and for PDFs that hold none or cannot be read. */
export async function extractText(mediaType: string, content: Uint8Array): Promise<string | null> {
  if (mediaType.startsWith('image/')) return null;
  const text = mediaType === 'application/pdf' ? await pdfText(content) : new TextDecoder().decode(content);
  const clean = text.replaceAll('\0', '').toWellFormed().slice(0, MAX_TEXT_CHARACTERS);
  return clean.trim() === '' ? null : clean;
}

function pdfText(content: Uint8Array): Promise<string> {
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(PDF_WORKER)}`), {
    workerData: {
      unpdf: import.meta.resolve('unpdf'),
      content: new Uint8Array(content),
      maxPages: MAX_PAGES,
      maxCharacters: MAX_TEXT_CHARACTERS,
    },
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  return new Promise<string>((resolve) => {
    // A PDF that cannot be read is still a file that can be kept; it has no text then.
    const done = (text: string) => {
      clearTimeout(timer);
      resolve(text);
      void worker.terminate();
    };
    const timer = setTimeout(() => done(''), MAX_MS);
    worker.once('message', (message: unknown) => done(typeof message === 'string' ? message : ''));
    worker.once('error', () => done(''));
    worker.once('exit', () => done(''));
  });
}
