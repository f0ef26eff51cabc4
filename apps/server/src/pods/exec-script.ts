import { ApiError } from '@wegent/api';

/** Characters of a command; a terminal takes no longer lines everywhere. */
const MAX_COMMAND = 3_000;
/** Bytes of input in one line: base64 of it has to fit into a line of a terminal. */
const LINE_BYTES = 2_400;
const OPEN = 0x01;
const CLOSE = 0x02;

/** A command as it is run in a shell on a terminal. */
export interface ExecScript {
  /** What is typed. */
  line: string;
  /** Input as it is typed; `undefined` says that there is no more. */
  input: (data: Uint8Array | undefined) => string | Uint8Array;
}

/**
 * The line that runs a command in a shell and tells begin, errors and exit code with marks of its own, since a terminal
 * has one stream only. With `tty` the command has the terminal to itself. Without, its output is left as it is, its
 * errors and its input travel as base64, so that an input can end.
 */
export function execScript(
  command: readonly string[],
  { nonce, tty, stdin }: { nonce: string; tty: boolean; stdin: boolean },
): ExecScript {
  const quoted = command.map(quote).join(' ');
  if (quoted.length > MAX_COMMAND || quoted.includes('\n')) {
    throw new ApiError('BadRequest', `a command has at most ${MAX_COMMAND} characters and no line breaks`);
  }
  const mark = (what: string) => `printf '\\001${what}${nonce}\\002'`;
  const exit = `printf '\\001E${nonce}:%d\\002' $?`;
  if (tty) {
    return {
      line: ` ${mark('B')}; ${quoted}; ${exit}; ${mark('X')}; exit\n`,
      input: (data) => data ?? '\u0004',
    };
  }
  const errors = `while IFS= read -r l || [ -n "$l" ]; do printf '\\001S${nonce}:%s\\002' "$(printf '%s\\n' "$l" | base64 | tr -d '\\n')"; done`;
  const input = stdin ? `while IFS= read -r l && [ "$l" != . ]; do printf %s "$l" | base64 -d; done | ` : '';
  const own = stdin ? '' : ' </dev/null';
  return {
    // Pipes for both outputs: programs write differently to a terminal, or not at all.
    line: ` stty -echo -opost -isig; ${mark('B')}; ${input}{ { { { ${quoted}${own}; ${exit} >&3; } 2>&1 >&5 | ${errors} >&3; } 5>&1 | cat >&3; } 3>&1; ${mark('X')}; }; exit\n`,
    input: (data) => (data ? lines(data) : '.\n'),
  };
}

/** A piece of what a command wrote. */
export type ExecOutput =
  | { type: 'stdout' | 'stderr'; data: Uint8Array }
  | { type: 'begin' | 'end' }
  | { type: 'exit'; code: number };

/** Takes what a terminal shows apart. Nothing counts before and after the command. */
export function createExecReader(nonce: string) {
  const marks = new RegExp(`^([BXES])${nonce}(?::([A-Za-z0-9+/=]*))?$`);
  let rest: Uint8Array = new Uint8Array();
  let begun = false;

  return function read(chunk: Uint8Array): ExecOutput[] {
    const found: ExecOutput[] = [];
    let bytes = Buffer.concat([rest, chunk]);
    rest = new Uint8Array();
    const plain = (data: Uint8Array) => {
      if (begun && data.length > 0) found.push({ type: 'stdout', data });
    };
    for (;;) {
      const open = bytes.indexOf(OPEN);
      if (open === -1) {
        plain(bytes);
        return found;
      }
      const close = bytes.indexOf(CLOSE, open);
      const text = bytes.subarray(open + 1, close === -1 ? undefined : close).toString('latin1');
      if (close === -1 && isBegin(text, nonce)) {
        plain(bytes.subarray(0, open));
        rest = bytes.subarray(open);
        return found;
      }
      const [, what, value = ''] = close === -1 ? [] : (marks.exec(text) ?? []);
      if (what === undefined) {
        // Somebody else's byte.
        plain(bytes.subarray(0, open + 1));
        bytes = bytes.subarray(open + 1);
        continue;
      }
      plain(bytes.subarray(0, open));
      bytes = bytes.subarray(close + 1);
      // What the shell says about its own end is nobody's.
      begun = what === 'B' || (begun && what !== 'X');
      found.push(outputOf(what, value));
    }
  };
}

function outputOf(what: string, value: string): ExecOutput {
  switch (what) {
    case 'B':
      return { type: 'begin' };
    case 'X':
      return { type: 'end' };
    case 'E':
      return { type: 'exit', code: Number(value) || 0 };
    default:
      return { type: 'stderr', data: Buffer.from(value, 'base64') };
  }
}

/** Could this become a mark when more of it comes? */
function isBegin(text: string, nonce: string): boolean {
  const head = text.slice(1, 1 + nonce.length);
  return text === '' || (/^[BXES]/.test(text) && nonce.startsWith(head) && !/[^A-Za-z0-9+/=:]/.test(text));
}

function lines(data: Uint8Array): string {
  const pieces = Array.from({ length: Math.ceil(data.length / LINE_BYTES) }, (_, index) =>
    Buffer.from(data.subarray(index * LINE_BYTES, (index + 1) * LINE_BYTES)).toString('base64'),
  );
  return pieces.map((piece) => `${piece}\n`).join('');
}

function quote(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}
