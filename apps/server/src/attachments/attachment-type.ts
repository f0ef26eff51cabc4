import path from 'node:path';
import { ApiError } from '@wegent/api';
import { fileTypeFromBuffer } from 'file-type';

const IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
const PDF = 'application/pdf';
const TEXT = 'text/plain';

// Extensions of binary files; the content has to agree with them.
const BINARY_EXTENSIONS: Record<string, string> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.pdf': PDF,
};

const TEXT_EXTENSIONS: Record<string, string> = {
  '.md': 'text/markdown',
  '.markdown': 'text/markdown',
  '.csv': 'text/csv',
  '.tsv': 'text/tab-separated-values',
  '.json': 'application/json',
  '.jsonl': 'application/jsonl',
  '.yaml': 'application/yaml',
  '.yml': 'application/yaml',
  '.toml': 'application/toml',
  '.xml': 'application/xml',
};

/** Extensions of text that is shown as plain text: notes, logs, configuration and source code. */
const PLAIN_EXTENSIONS = new Set(
  `.txt .text .log .rst .adoc .org .tex .ini .cfg .conf .env .properties .diff .patch .sql .graphql .proto .html .htm
  .css .scss .less .js .mjs .cjs .jsx .ts .mts .cts .tsx .vue .svelte .py .pyi .ipynb .rb .php .pl .lua .r .jl .go .rs
  .java .kt .kts .scala .groovy .gradle .c .h .cc .cpp .cxx .hpp .hh .m .mm .cs .fs .swift .dart .zig .ex .exs .erl
  .hs .ml .clj .lisp .sh .bash .zsh .fish .ps1 .bat .cmd .tf .nix .vim .dockerfile .makefile .cmake .lock .srt .vtt`.split(
    /\s+/,
  ),
);

/** What may be attached, in words. */
export const ACCEPTED = 'text, source code, Markdown, JSON, YAML, CSV, PDF, PNG, JPEG, GIF and WebP';

/**
 * The media type of a file, by its content first and its extension second; what the client claims does not count.
 * Throws `UnsupportedMediaType` for anything else, and where content and extension disagree.
 */
export async function attachmentType(name: string, content: Uint8Array): Promise<string> {
  const extension = path.extname(name).toLowerCase();
  const promised = BINARY_EXTENSIONS[extension];
  const found = await fileTypeFromBuffer(content);
  // XML is text for us, whatever dialect was recognised.
  const binary = found && found.mime !== 'application/xml' ? found.mime : undefined;
  if (binary === PDF || (binary !== undefined && IMAGES.includes(binary))) {
    if (promised === binary || extension === '') return binary;
    throw unsupported(`"${name}" holds ${binary}, which does not go with its extension`);
  }
  if (promised !== undefined) throw unsupported(`"${name}" does not hold ${promised}`);
  if (binary !== undefined) throw unsupported(`"${name}" holds ${binary}`);
  if (!isText(content)) throw unsupported(`"${name}" is neither text nor a known kind of file`);
  const type =
    TEXT_EXTENSIONS[extension] ?? (extension === '' || PLAIN_EXTENSIONS.has(extension) ? TEXT : undefined);
  if (type === undefined) throw unsupported(`files that end with "${extension}" are not known`);
  return type;
}

/** Is this shown in the browser, rather than downloaded? */
export function isInline(mediaType: string): boolean {
  return mediaType === PDF || IMAGES.includes(mediaType);
}

/** Is the content itself text? */
export function isTextType(mediaType: string): boolean {
  return !isInline(mediaType);
}

/** Is it UTF-8 without NUL? */
function isText(content: Uint8Array): boolean {
  if (content.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(content);
    return true;
  } catch {
    return false;
  }
}

function unsupported(why: string): ApiError {
  return new ApiError('UnsupportedMediaType', `${why}; accepted are ${ACCEPTED}`);
}
