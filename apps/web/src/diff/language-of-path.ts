import { LANGUAGE_ALIASES, LANGUAGES } from '../markdown/languages.ts';

const NAMES: Record<string, string> = {
  dockerfile: 'docker',
  containerfile: 'docker',
  makefile: 'make',
  gemfile: 'ruby',
  rakefile: 'ruby',
  '.bashrc': 'bash',
  '.env': 'bash',
};
const EXTENSIONS: Record<string, string> = {
  h: 'c',
  hpp: 'cpp',
  hh: 'cpp',
  cxx: 'cpp',
  cts: 'typescript',
  htm: 'html',
  mm: 'objective-c',
  kts: 'kotlin',
  erl: 'erlang',
  exs: 'elixir',
  ml: 'ocaml',
  pyi: 'python',
  webmanifest: 'json',
  markdown: 'markdown',
};

/** The language of a file by its name; empty when it is not known. */
export function languageOfPath(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const extension = name.slice(name.lastIndexOf('.') + 1);
  const found = read(NAMES, name) ?? read(EXTENSIONS, extension) ?? read(LANGUAGE_ALIASES, extension);
  if (found !== undefined) return found;
  return Object.hasOwn(LANGUAGES, extension) ? extension : '';
}

// A file may be called `constructor`.
function read(table: Record<string, string>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
