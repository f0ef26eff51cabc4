/** Builds the web app and the bundles of server, executor and command line where their sources changed; `node scripts/build.ts` builds all. */
import { type SpawnOptions, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { build as bundle } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');
const cache = path.join(root, '.cache');
/** How long a running server may want chunks of an older build. */
const CHUNK_LIFE_MS = 86_400_000;
/** Folders that are no source of what is built, and files that building and checking write. */
const SKIP = new Set(['node_modules', 'dist', 'out', '.next', 'test', 'bench', 'next-env.d.ts']);
const SKIP_PATTERN = /^\.|\.test\.tsx?$|\.tsbuildinfo$/;

interface Part {
  name: 'web' | 'server' | 'executor' | 'cli';
  says: string;
  /** What it is made of. */
  sources: readonly string[];
  /** What it becomes. */
  result: string;
  run: () => Promise<void>;
}

const PARTS: readonly Part[] = [
  {
    name: 'web',
    says: 'Building the web app',
    sources: ['apps/web', 'packages/api', 'packages/client', 'packages/kube', 'package-lock.json'],
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
  {
    name: 'executor',
    says: 'Bundling the executor',
    sources: ['apps/executor', 'packages/api', 'packages/engine', 'package-lock.json'],
    result: 'apps/executor/dist/main.js',
    run: bundleExecutor,
  },
  {
    name: 'cli',
    says: 'Bundling the command line',
    sources: ['apps/cli', 'packages/api', 'packages/client', 'package-lock.json'],
    result: 'apps/cli/dist/wegent.mjs',
    run: bundleCommandLine,
  },
];

/** Builds what changed since the last time; a digest of the contents tells. Throws with the output of what failed. */
export async function buildChanged({ only }: { only?: Part['name'] } = {}): Promise<void> {
  mkdirSync(cache, { recursive: true });
  await Promise.all(PARTS.filter((part) => only === undefined || only === part.name).map(buildPart));
}

async function buildPart(part: Part): Promise<void> {
  const stamp = path.join(cache, `build-${part.name}`);
  const wanted = digest(part.sources);
  const built = existsSync(path.join(root, part.result)) && existsSync(stamp);
  if (built && readFileSync(stamp, 'utf8') === wanted) return;
  const started = performance.now();
  say(`${part.says} …`);
  await part.run();
  writeFileSync(stamp, wanted);
  say(`${part.says} took ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

// Workspace packages go into the bundle; what npm installed stays outside, where it finds its own files.
async function bundleServer(): Promise<void> {
  const outdir = path.join(root, 'apps/standalone/dist');
  const { metafile } = await bundle({
    metafile: true,
    entryPoints: { main: path.join(root, 'apps/standalone/src/main.ts') },
    outdir,
    chunkNames: 'chunks/[name]-[hash]',
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
  removeOldChunks({ folder: path.join(outdir, 'chunks'), keep: Object.keys(metafile.outputs) });
}

/** A server that has been running since before the build still loads chunks of its own. */
function removeOldChunks({ folder, keep }: { folder: string; keep: readonly string[] }): void {
  const kept = new Set(keep.map((file) => path.basename(file)));
  const now = Date.now();
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const file = path.join(folder, name);
    if (!kept.has(name) && now - statSync(file).mtimeMs > CHUNK_LIFE_MS) rmSync(file, { force: true });
  }
}

// One file with all it needs: it runs in images that have nothing of ours. CommonJS packages inside look for `require`.
async function bundleExecutor(): Promise<void> {
  await bundle({
    entryPoints: [path.join(root, 'apps/executor/src/main.ts')],
    outfile: path.join(root, 'apps/executor/dist/main.js'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minifySyntax: true,
    minifyWhitespace: true,
    // The program that drives Agno is in Python.
    define: {
      WEGENT_AGNO_BRIDGE: JSON.stringify(
        readFileSync(path.join(root, 'packages/engine/src/agno/bridge.py'), 'utf8'),
      ),
    },
    banner: {
      js: "import { createRequire as wegentRequire } from 'node:module'; const require = wegentRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
}

// One file that runs wherever Node does; what speeds up WebSockets is native and not needed.
async function bundleCommandLine(): Promise<void> {
  await bundle({
    entryPoints: [path.join(root, 'apps/cli/src/main.ts')],
    outfile: path.join(root, 'apps/cli/dist/wegent.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minifySyntax: true,
    minifyWhitespace: true,
    external: ['bufferutil', 'utf-8-validate'],
    banner: {
      js: "#!/usr/bin/env node\nimport { createRequire as wegentRequire } from 'node:module'; const require = wegentRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  chmodSync(path.join(root, 'apps/cli/dist/wegent.mjs'), 0o755);
}

function digest(places: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of places.flatMap(filesBelow)) {
    hash.update(file);
    hash.update(readFileSync(path.join(root, file)));
  }
  return hash.digest('hex');
}

function filesBelow(place: string): string[] {
  const full = path.join(root, place);
  if (!existsSync(full)) return [];
  if (place.endsWith('.json')) return [place];
  return readdirSync(full, { withFileTypes: true })
    .filter(({ name }) => !SKIP.has(name) && !SKIP_PATTERN.test(name))
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) =>
      entry.isDirectory() ? filesBelow(`${place}/${entry.name}`) : [`${place}/${entry.name}`],
    );
}

function execute(file: string, args: readonly string[], options: SpawnOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${file} ${args.join(' ')} failed:\n${output}`));
    });
  });
}

function say(text: string): void {
  process.stderr.write(`wegent: ${text}\n`);
}

if (import.meta.main) {
  await buildChanged().catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
}
