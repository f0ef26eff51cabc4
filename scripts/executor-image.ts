/**
 * `npm run executor:image`: builds the image in which the `docker` driver runs executors.
 * `-- --offline` makes its base from Debian's packages, with the mirror that this machine's apt uses, instead of an
 * image of a registry; `-- --tag name` names it; `-- --engine socket` builds on another engine than DOCKER_HOST's;
 * `-- --bundle file` takes another program than the executor that is bundled here.
 */
import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import Docker from 'dockerode';
import { buildChanged } from './build.ts';
import { makeRootFilesystem, rootFilesystemInputs } from './executor-rootfs.ts';

const root = path.resolve(import.meta.dirname, '..');
const recipe = path.join(root, 'deploy/executor');
const executor = path.join(root, 'apps/executor/dist/main.js');

/** Builds what changed: bundle, base, image. Gives the name of the image. */
async function buildExecutorImage({
  offline,
  tag,
  engine,
  bundle,
}: ReturnType<typeof readArguments>): Promise<string> {
  const docker = new Docker(engine === undefined ? {} : { socketPath: engine });
  await requireEngine(docker);
  if (bundle === undefined) await buildChanged({ only: 'executor' });
  const program = readFileSync(bundle ?? executor);
  const base = await buildBase(docker, offline);
  await removeOlderBases(docker, base);
  const wanted = digestOf([base, read('Dockerfile'), program]);
  if ((await labelOf(docker, tag, 'wegent.digest')) === wanted) {
    say(`${tag} is up to date`);
    return tag;
  }
  await timed(`Building ${tag}`, () =>
    build(docker, {
      files: { Dockerfile: read('Dockerfile'), 'main.js': program },
      options: { t: tag, buildargs: { BASE: base }, labels: { owner: 'wegent', 'wegent.digest': wanted } },
    }),
  );
  return tag;
}

async function buildBase(docker: Docker, offline: boolean): Promise<string> {
  const recipes = [read('packages.txt'), read('setup.sh'), read('base.Dockerfile')];
  const digest = digestOf(offline ? [...recipes, ...rootFilesystemInputs()] : recipes);
  const name = `wegent-executor-base:${offline ? 'offline' : 'online'}-${digest.slice(0, 12)}`;
  if ((await labelOf(docker, name, 'owner')) === 'wegent') return name;
  if (offline) {
    const archive = path.join(root, '.cache', `executor-rootfs-${digest.slice(0, 12)}.tar`);
    await timed('Making a root file system from packages', () => makeRootFilesystem({ recipe, archive }));
    await timed(`Importing ${name}`, () => importArchive(docker, archive, name));
    return name;
  }
  await timed(`Building ${name} (downloads an image and packages; --offline needs no registry)`, () =>
    build(docker, {
      files: {
        Dockerfile: read('base.Dockerfile'),
        'packages.txt': read('packages.txt'),
        'setup.sh': read('setup.sh'),
      },
      options: { t: name, labels: { owner: 'wegent' } },
    }),
  );
  return name;
}

/** Those of the same kind; one that an image still needs stays until that is built anew. */
async function removeOlderBases(docker: Docker, base: string): Promise<void> {
  const kind = base.slice(0, base.lastIndexOf('-'));
  const images = await docker.listImages({ filters: { reference: [`${kind}-*`] } });
  for (const name of images.flatMap(({ RepoTags }) => RepoTags ?? [])) {
    if (name !== base)
      await docker
        .getImage(name)
        .remove()
        .catch(() => {});
  }
}

interface Build {
  /** What the build sees, by name. */
  files: Record<string, string | Buffer>;
  options: Docker.ImageBuildOptions;
}

async function build(docker: Docker, { files, options }: Build): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'wegent-image-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
    await finish(docker, await docker.buildImage({ context: folder, src: Object.keys(files) }, options));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function importArchive(docker: Docker, archive: string, name: string): Promise<void> {
  const [repo, tag] = name.split(':');
  const changes = [
    'LABEL owner=wegent',
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  ];
  const answer = await docker.importImage(createReadStream(archive), { repo, tag, changes });
  if (typeof answer !== 'string' && 'pipe' in answer) await finish(docker, answer);
}

/** Reads what the engine says to its end; its lines are shown when it fails. */
async function finish(docker: Docker, answer: NodeJS.ReadableStream): Promise<void> {
  const lines: string[] = [];
  const note = (event: { stream?: string; error?: string }) => lines.push(event.stream ?? event.error ?? '');
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      answer,
      (error) => (error ? reject(new Error(`${lines.join('').slice(-4000)}\n${error.message}`)) : resolve()),
      note,
    );
  });
}

async function requireEngine(docker: Docker): Promise<void> {
  try {
    await docker.ping();
  } catch (cause) {
    throw new Error(
      'No Docker engine answers. Start one (for example `sudo systemctl start docker`), or name its socket in DOCKER_HOST, as in unix:///var/run/docker.sock.',
      { cause },
    );
  }
}

async function labelOf(docker: Docker, image: string, label: string): Promise<string | undefined> {
  try {
    return (await docker.getImage(image).inspect()).Config.Labels?.[label];
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error && error.statusCode === 404) return undefined;
    throw error;
  }
}

function digestOf(parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

function read(name: string): string {
  return readFileSync(path.join(recipe, name), 'utf8');
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      offline: { type: 'boolean', default: false },
      tag: { type: 'string', default: process.env.EXECUTOR_IMAGE || 'wegent-executor:latest' },
      engine: { type: 'string' },
      bundle: { type: 'string' },
    },
  });
  return values;
}

async function timed(what: string, work: () => Promise<void>): Promise<void> {
  const started = performance.now();
  say(`${what} …`);
  await work();
  say(`${what} took ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

function say(text: string): void {
  process.stderr.write(`wegent: ${text}\n`);
}

if (import.meta.main) {
  try {
    say(`The image is ${await buildExecutorImage(readArguments())}`);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
