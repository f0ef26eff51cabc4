// Builds the web app and the server bundle when their sources changed. `node scripts/build.mjs` builds both.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as bundle } from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const cache = path.join(root, '.cache');
const SKIP = new Set(['node_modules', 'dist', 'out', '.next', 'test', 'bench']);

/** The two things that are built: what they are made of, what they become, and how. */
const PARTS = [
  {
    name: 'web',
    says: 'Building the web app',
    sources: ['apps/web', 'packages/api', 'packages/client', 'package-lock.json'],
    result: 'apps/web/out/index.html',
    run: () =>
      execute('npx', ['next', 'build'], {
        cwd: path.join(root, 'apps/web'),
        env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' },
      }),
  },
  {
    name: 'server',
    says: 'Bundling the server',
    sources: ['apps/server', 'apps/manager', 'apps/standalone', 'packages', 'package-lock.json'],
    result: 'apps/standalone/dist/main.js',
    run: bundleServer,
  },
];

/** Builds what changed since the last time. */
export async function buildChanged({ only } = {}) {
  mkdirSync(cache, { recursive: true });
  const parts = PARTS.filter((part) => only === undefined || only === part.name);
  await Promise.all(parts.map(buildPart));
}

async function buildPart(part) {
  const stamp = path.join(cache, `build-${part.name}`);
  const wanted = digest(part.sources);
  if (existsSync(path.join(root, part.result)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted)
    return;
  const started = performance.now();
  process.stderr.write(`wegent: ${part.says} …\n`);
  await part.run();
  writeFileSync(stamp, wanted);
  process.stderr.write(`wegent: ${part.says} took ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
}

// Workspace packages go into the bundle; what npm installed stays outside, where it finds its own files.
async function bundleServer() {
  await bundle({
    entryPoints: { main: path.join(root, 'apps/standalone/src/main.ts') },
    outdir: path.join(root, 'apps/standalone/dist'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    sourcemap: true,
    splitting: true,
    logLevel: 'warning',
    plugins: [
      {
        name: 'external-packages',
        setup(builder) {
          builder.onResolve({ filter: /^[^./]/ }, ({ path: specifier }) =>
            specifier.startsWith('@wegent/') || path.isAbsolute(specifier)
              ? undefined
              : { path: specifier, external: true },
          );
        },
      },
    ],
  });
}

/** A digest over all files below the given places. */
function digest(places) {
  const hash = createHash('sha256');
  for (const place of places) {
    for (const file of filesBelow(place)) {
      hash.update(file);
      hash.update(readFileSync(path.join(root, file)));
    }
  }
  return hash.digest('hex');
}

function filesBelow(place) {
  const full = path.join(root, place);
  if (!existsSync(full)) return [];
  if (place.endsWith('.json')) return [place];
  return readdirSync(full, { withFileTypes: true })
    .filter(
      (entry) => !SKIP.has(entry.name) && !/\.test\.tsx?$/.test(entry.name) && !entry.name.startsWith('.'),
    )
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) =>
      entry.isDirectory() ? filesBelow(`${place}/${entry.name}`) : [`${place}/${entry.name}`],
    );
}

function execute(file, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${file} ${args.join(' ')} failed:\n${output}`)),
    );
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildChanged().catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
}
