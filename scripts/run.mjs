// Runs a command of this repository on a machine that has only git and npm: finds or fetches Node 24, installs what
// package-lock.json names, builds what changed, and starts the command. Nothing is done twice when nothing changed.
// It must run on any Node that runs npm, so it uses old syntax and built-ins only.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const cache = path.join(root, '.cache');
const COMMANDS = {
  start: 'scripts/start.ts',
  test: 'scripts/test.ts',
  check: 'scripts/check.ts',
  bench: 'scripts/bench.ts',
  'executor:image': 'scripts/executor-image.ts',
  'engines:install': 'scripts/engines-install.ts',
};
const NODE_MAJOR = 24;

const [command, ...rest] = process.argv.slice(2);
const script = COMMANDS[command];
if (!script) fail(`Unknown command "${command}"; there are ${Object.keys(COMMANDS).join(', ')}.`);
mkdirSync(cache, { recursive: true });
const node = findNode();
const environment = { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}` };
install();
const result = spawnSync(node, [path.join(root, script), ...rest], {
  cwd: root,
  env: environment,
  stdio: 'inherit',
});
process.exit(result.status === null ? 1 : result.status);

function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath;
  const remembered = path.join(cache, `node-${process.platform}-${process.arch}`);
  if (existsSync(remembered)) {
    const known = readFileSync(remembered, 'utf8').trim();
    if (existsSync(known)) return known;
  }
  say(`Fetching Node ${NODE_MAJOR} (this machine has ${process.versions.node}); done once`);
  const found = spawnSync(
    'npm',
    ['exec', '--yes', `--package=node@${NODE_MAJOR}`, '--', 'node', '-p', 'process.execPath'],
    {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      shell: process.platform === 'win32',
    },
  );
  const file = (found.stdout || '').trim().split('\n').pop();
  if (found.status !== 0 || !file || !existsSync(file)) {
    fail(
      `Node ${NODE_MAJOR} could not be fetched with npm. Install Node ${NODE_MAJOR} or newer, then run this again.`,
    );
  }
  writeFileSync(remembered, file);
  return file;
}

function install() {
  const stamp = path.join(cache, 'install');
  const lock = path.join(root, 'package-lock.json');
  const wanted = `${createHash('sha256').update(readFileSync(lock)).digest('hex')} ${process.platform} ${process.arch}`;
  if (
    existsSync(path.join(root, 'node_modules')) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === wanted
  )
    return;
  say('Installing dependencies; done again only when package-lock.json changes');
  const installed = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env: environment,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (installed.status !== 0) fail('npm ci failed; see above.');
  writeFileSync(stamp, wanted);
}

function say(text) {
  process.stderr.write(`wegent: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
