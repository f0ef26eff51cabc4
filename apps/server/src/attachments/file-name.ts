const MAX_CHARACTERS = 200;

/**
 * The name of an upload, fit to be stored and shown: no folders, no control or direction-changing characters, at most
 * 200 characters with the extension kept. Everything else stays as it was given.
 */
export function cleanFileName(given: string | undefined): string {
  const last = (given ?? '').normalize('NFC').split(/[\\/]/).at(-1) ?? '';
  // Direction marks make "exe.txt" out of "txt.exe".
  const visible = last
    .toWellFormed()
    .replaceAll(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .trim();
  const name = visible === '' || visible === '.' || visible === '..' ? 'file' : visible;
  const characters = [...name];
  if (characters.length <= MAX_CHARACTERS) return name;
  const extension = [...(/\.[^.]{1,16}$/.exec(name)?.[0] ?? '')];
  return [...characters.slice(0, MAX_CHARACTERS - extension.length), ...extension].join('');
}

/** The name as a `Content-Disposition` value (RFC 6266): an ASCII fallback, and the whole name. */
export function contentDisposition(kind: 'inline' | 'attachment', name: string): string {
  const ascii = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
