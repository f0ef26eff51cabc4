/**
 * `npm run engines:install -- claude-code`: installs an engine that is not in our tree into `engines` of DATA_DIR
 * (`./data`). A running product sees it without a restart. `-- agno --python 3.11` makes it for another Python than
 * that of this machine, such as the one in the image of sandboxes.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { engineState, installEngine } from '@wegent/engine';

const NAMES = ['claude-code', 'agno'] as const;
const root = path.resolve(import.meta.dirname, '..');
const folder = path.resolve(root, process.env.DATA_DIR || './data', 'engines');

const { values, positionals } = readArguments();
const [wanted, ...rest] = positionals;
const name = NAMES.find((known) => known === wanted);
if (name === undefined || rest.length > 0) {
  fail(
    `Wanted is the name of one engine, such as: npm run engines:install -- claude-code. There are ${NAMES.join(', ')}.`,
  );
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => stop.abort(new Error('stopped')));
try {
  const before = await engineState({ name, folder });
  const { version } = await installEngine({
    ...{ name, folder, onProgress: show, signal: stop.signal },
    ...(values.python === undefined ? {} : { pythonVersion: values.python }),
  });
  const same = before.state === 'installed' && before.version === version;
  finish(
    `${name} ${version ?? ''} ${same ? 'is installed already' : 'is installed'} in ${path.join(folder, name)}`,
  );
} catch (error) {
  finish('');
  fail(error instanceof Error ? error.message : String(error));
}

function readArguments() {
  try {
    return parseArgs({ allowPositionals: true, options: { python: { type: 'string' } } });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

/** One line that is written again and again; nothing without a terminal. */
function show(progress: number): void {
  const percent = Math.floor(progress * 100);
  if (process.stderr.isTTY)
    process.stderr.write(`\r\u001b[KInstalling ${name}: ${bar(progress)} ${percent} %`);
}

function bar(progress: number): string {
  const filled = Math.round(progress * 30);
  return `${'█'.repeat(filled)}${'░'.repeat(30 - filled)}`;
}

function finish(text: string): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  if (text !== '') process.stderr.write(`${text}\n`);
}

function fail(text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
