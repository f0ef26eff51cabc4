import type { GitBranch } from '@wegent/api';

/** What a host says of a repository: its refs, in protocol version 0. */
export interface RefsAdvertisement {
  /** Branches, the default one first. */
  branches: GitBranch[];
}

const HEADS = 'refs/heads/';
const LENGTH_DIGITS = 4;

/** Reads the answer to `info/refs?service=git-upload-pack`; `undefined` where it is none. */
export function parseRefsAdvertisement(bytes: Uint8Array): RefsAdvertisement | undefined {
  const lines = pktLines(bytes);
  if (lines === undefined || lines[0]?.trimEnd() !== '# service=git-upload-pack') return undefined;
  const branches = new Map<string, string>();
  let main: string | undefined;
  for (const line of lines.slice(1)) {
    if (line === '') continue;
    if (line.startsWith('ERR ')) return undefined;
    const [ref = '', capabilities] = line.trimEnd().split('\0');
    main ??= capabilities && /(?:^| )symref=HEAD:refs\/heads\/(\S+)/.exec(capabilities)?.[1];
    const [, commit, name] = /^([0-9a-f]{40}|[0-9a-f]{64}) (.+)$/.exec(ref) ?? [];
    if (commit !== undefined && name?.startsWith(HEADS)) branches.set(name.slice(HEADS.length), commit);
  }
  const found = [...branches].map(([name, commit]) => ({ name, isDefault: name === main, commit }));
  return { branches: found.sort((a, b) => Number(b.isDefault) - Number(a.isDefault)) };
}

/** Each line has its length before it, in four hexadecimal digits that count themselves; `0000` ends a section. */
function pktLines(bytes: Uint8Array): string[] | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lines: string[] = [];
  for (let at = 0; at < buffer.length; ) {
    const digits = buffer.toString('latin1', at, at + LENGTH_DIGITS);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) return undefined;
    const length = Number.parseInt(digits, 16);
    if (length === 0) {
      lines.push('');
      at += LENGTH_DIGITS;
      continue;
    }
    if (length < LENGTH_DIGITS || at + length > buffer.length) return undefined;
    lines.push(buffer.toString('utf8', at + LENGTH_DIGITS, at + length));
    at += length;
  }
  return lines;
}
