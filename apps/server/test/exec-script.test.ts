import { spawn } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { createExecReader, execScript } from '../src/pods/exec-script.ts';

const NONCE = 'n0nce';

describe('a command in a shell on a terminal', () => {
  test.each([
    {
      name: 'output and errors apart',
      command: ['sh', '-c', 'echo out; echo err >&2; echo more'],
      stdout: 'out\nmore\n',
      stderr: 'err\n',
      code: 0,
    },
    {
      name: 'no terminal where none was asked for',
      command: ['sh', '-c', 'test -t 1 || echo none'],
      stdout: 'none\n',
      stderr: '',
      code: 0,
    },
    { name: 'its exit code', command: ['sh', '-c', 'exit 7'], stdout: '', stderr: '', code: 7 },
    {
      name: 'what is not there',
      command: ['/nowhere/nothing'],
      stdout: '',
      stderr: /not found|No such file/,
      code: 127,
    },
    {
      name: 'arguments as they are',
      command: ['printf', '%s|', "it's", '$HOME', 'a b', '`x`', '"'],
      stdout: 'it\'s|$HOME|a b|`x`|"|',
      stderr: '',
      code: 0,
    },
    {
      name: 'bytes as they are',
      command: ['printf', '\\000\\001\\002\\r\\n\\377\\004'],
      stdout: '\u0000\u0001\u0002\r\n\u00ff\u0004',
      stderr: '',
      code: 0,
    },
  ])('$name', async ({ command, stdout, stderr, code }) => {
    const result = await run(command, {});
    expect(result.code).toBe(code);
    expect(result.stdout).toBe(stdout);
    if (typeof stderr === 'string') expect(result.stderr).toBe(stderr);
    else expect(result.stderr).toMatch(stderr);
  });

  test('input that ends, of any bytes and longer than a line', async () => {
    const input = Buffer.concat([
      Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
      Buffer.alloc(9_000, 'x'),
    ]);
    const result = await run(['wc', '-c'], { input });
    expect(result.stdout.trim()).toBe(String(input.length));
    const back = await run(['cat'], { input });
    expect(Buffer.from(back.stdout, 'latin1').equals(input)).toBe(true);
  });

  test('a command that does not read its input ends by itself', async () => {
    expect((await run(['true'], { input: 'open' })).code).toBe(0);
  });

  test('a terminal of its own', async () => {
    const result = await run(['sh', '-c', 'test -t 0 && test -t 1 && echo yes'], { tty: true });
    expect(result).toMatchObject({ stdout: 'yes\r\n', code: 0 });
  });

  test('refuses what does not fit into a line', () => {
    expect(() => execScript(['x'.repeat(4000)], { nonce: NONCE, tty: false, stdin: false })).toThrow(
      /at most 3000/,
    );
    expect(() => execScript(['a\nb'], { nonce: NONCE, tty: false, stdin: false })).toThrow(/line breaks/);
  });

  test('reads marks in whatever pieces they come', () => {
    const shown = Buffer.from(
      `prompt$ typed\r\n\u0001B${NONCE}\u0002a\u0001bc\u0001E${NONCE}:3\u0002\u0001X${NONCE}\u0002tail`,
      'latin1',
    );
    for (const size of [1, 2, 3, 7, shown.length]) {
      const read = createExecReader(NONCE);
      const outputs = Array.from({ length: Math.ceil(shown.length / size) }, (_, index) =>
        read(shown.subarray(index * size, (index + 1) * size)),
      ).flat();
      const text = outputs.flatMap((output) =>
        'data' in output ? [Buffer.from(output.data).toString('latin1')] : [],
      );
      expect(text.join(''), `pieces of ${size}`).toBe('a\u0001bc');
      expect(outputs).toContainEqual({ type: 'exit', code: 3 });
    }
  });
});

/** Runs it as the executor does: `script` makes the terminal. */
function run(
  command: readonly string[],
  { input, tty = false }: { input?: Buffer | 'open'; tty?: boolean },
): Promise<{ stdout: string; stderr: string; code: number | undefined }> {
  const script = execScript(command, { nonce: NONCE, tty, stdin: input !== undefined });
  const read = createExecReader(NONCE);
  const shell = spawn('script', ['--quiet', '--flush', '--return', '--command', 'exec bash -i', '/dev/null']);
  const result: { stdout: string; stderr: string; code: number | undefined } = {
    stdout: '',
    stderr: '',
    code: undefined,
  };
  shell.stdin.write(script.line);
  return new Promise((resolve, reject) => {
    shell.once('error', reject);
    shell.once('exit', () => resolve(result));
    shell.stdout.on('data', (chunk: Buffer) => {
      for (const output of read(chunk)) {
        if (output.type === 'begin' && input !== undefined && input !== 'open') {
          shell.stdin.write(script.input(input));
          shell.stdin.write(script.input(undefined));
        }
        if (output.type === 'stdout' || output.type === 'stderr')
          result[output.type] += Buffer.from(output.data).toString('latin1');
        if (output.type === 'exit') result.code = output.code;
        if (output.type === 'end') {
          resolve(result);
          shell.kill('SIGKILL');
        }
      }
    });
  });
}
