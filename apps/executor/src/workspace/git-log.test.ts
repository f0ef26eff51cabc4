import type { ExecutionEvent } from '@wegent/api';
import { expect, test } from 'vitest';
import { parseRepositoryAddress } from '../git/repository-address.ts';
import { createGitLog } from './git-log.ts';

function logged(...chunks: (string | Buffer)[]): string {
  const address = parseRepositoryAddress('https://git.example/ada/app.git');
  if (!address) throw new Error('no address');
  const events: ExecutionEvent[] = [];
  const log = createGitLog((event) => events.push(event), { address, gatewayUrl: 'http://127.0.0.1:4711' });
  for (const chunk of chunks) log.onOutput(Buffer.from(chunk), 'stderr');
  log.onOutput(Buffer.from('not for people\n'), 'stdout');
  log.end();
  return events.map((event) => (event.type === 'log' ? event.text : '')).join('');
}

test('of progress only the end is kept, wherever the output was cut', () => {
  const progress = 'remote: Counting: 10% (1/9)\rremote: Counting: 100% (9/9), done.   \n';
  expect(logged(progress)).toBe('remote: Counting: 100% (9/9), done.\n');
  expect(logged(...progress)).toBe('remote: Counting: 100% (9/9), done.\n');
  expect(logged('Receiving: 10%\rReceiving: 50%\r')).toBe('Receiving: 50%\n');
});

test('the gateway is nobody\u2019s address, and no address shows a credential', () => {
  expect(logged('From http://127.0.0.1:4711/git\n * branch main -> origin/main\n')).toBe(
    'From https://git.example/ada/app.git\n * branch main -> origin/main\n',
  );
  expect(logged("Cloning 'https://joe:secret@other.example/x'\nfatal: https://token@other.example/y\n")).toBe(
    "Cloning 'https://other.example/x'\nfatal: https://other.example/y\n",
  );
});

test('a line without end stays small, and so does a remote that never stops', () => {
  expect(logged('x'.repeat(1_000_000)).length).toBeLessThanOrEqual(2_001);
  const much = logged(`${'remote: noise '.repeat(10)}\n`.repeat(10_000));
  expect(much.length).toBeLessThan(600_000);
  expect(much).toContain('more output is not kept');
});

test('letters that were cut in two are whole', () => {
  const bytes = Buffer.from('remote: für dich\n');
  expect(logged(bytes.subarray(0, 10), bytes.subarray(10))).toBe('remote: für dich\n');
});
