import { ApiError } from '@wegent/api';
import type { ImageInspectInfo, MountSettings } from 'dockerode';
import { type DockerEngine, statusOf } from './docker-engine.ts';
import { type DockerDriverOptions, NODE_INSIDE, OWNER } from './docker-options.ts';
import { orAborted } from './or-aborted.ts';

/** Makes sure that images are there, and brings Node and executor into those that have none. */
export interface DockerImages {
  /** Mounts that the image needs; none for the executor image. The signal gives up waiting, not pulling. */
  ready(image: string | undefined, signal: AbortSignal): Promise<MountSettings[]>;
}

const PROGRAM_FOLDERS = { node: '/opt/node', executor: '/opt/executor' };
const PULL_MS = 30 * 60_000;
const NOTHING = 'the executor image fills this volume';

/** Images of an engine; a pull goes on when the one who waits for it gives up, so that the next one finds it done. */
export function createDockerImages(
  engine: DockerEngine,
  { image: executorImage }: Pick<DockerDriverOptions, 'image'>,
): DockerImages {
  const pulls = new Map<string, Promise<void>>();
  const fills = new Map<string, Promise<void>>();

  async function inspect(image: string, signal: AbortSignal): Promise<ImageInspectInfo | undefined> {
    try {
      return await engine.call(
        `look at the image "${image}"`,
        () => engine.docker.getImage(image).inspect(),
        { signal },
      );
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  async function pull(image: string): Promise<void> {
    await engine.call(
      `pull the image "${image}"`,
      async (abortSignal) => {
        const stream = await engine.docker.pull(image, { abortSignal });
        const done = Promise.withResolvers<void>();
        engine.docker.modem.followProgress(stream, (error) => (error ? done.reject(error) : done.resolve()));
        await done.promise;
      },
      { ms: PULL_MS },
    );
  }

  /** Volumes of the executor image's id: a container that is made, and never started, fills them. */
  async function fillVolumes(executor: ImageInspectInfo): Promise<void> {
    const container = await engine.call('fill the volumes of the executor', (abortSignal) =>
      engine.docker.createContainer({
        Image: executor.Id,
        Entrypoint: [NODE_INSIDE],
        Cmd: ['--version'],
        Labels: { owner: OWNER, 'wegent.purpose': NOTHING },
        HostConfig: { Mounts: programMounts(executor, { fill: true }), NetworkMode: 'none' },
        abortSignal,
      }),
    );
    await engine.call('remove a container', () => container.remove({ force: true }));
    await removeOlderVolumes(engine, executor);
  }

  /** Others can remove volumes at any time, and the engine makes an empty one of what it does not find. */
  async function volumesExist(mounts: readonly MountSettings[]): Promise<boolean> {
    const found = mounts.map(({ Source }) =>
      engine
        .call('look at a volume', () => engine.docker.getVolume(Source).inspect())
        .then(
          () => true,
          (error: unknown) => {
            if (statusOf(error) === 404) return false;
            throw error;
          },
        ),
    );
    return (await Promise.all(found)).every(Boolean);
  }

  async function programFor(signal: AbortSignal): Promise<MountSettings[]> {
    const executor = await inspect(executorImage, signal);
    if (!executor) throw executorImageMissing(executorImage);
    const mounts = programMounts(executor, { fill: false });
    if (!(await volumesExist(mounts))) {
      await once(fills, executor.Id, () => fillVolumes(executor));
    }
    return mounts;
  }

  return {
    async ready(image, signal) {
      if (image !== undefined) requireReference(image);
      if (image === undefined || image === executorImage) {
        if (!(await inspect(executorImage, signal))) throw executorImageMissing(executorImage);
        return [];
      }
      const program = await programFor(signal);
      if (!(await inspect(image, signal))) {
        await orAborted(
          once(pulls, image, () => pull(image)),
          signal,
        );
      }
      return program;
    },
  };
}

/** The name becomes part of a path of the engine's API. */
function requireReference(image: string): void {
  if (/^[a-zA-Z0-9][\w.:/@-]*$/.test(image) && !image.includes('..')) return;
  throw new ApiError(
    'Invalid',
    `baseImage of the Shell: "${image}" is no name of an image such as debian:bookworm`,
  );
}

function executorImageMissing(image: string): ApiError {
  return new ApiError(
    'ServiceUnavailable',
    `the executor image "${image}" is missing: build it with \`npm run executor:image\`, or name another one in EXECUTOR_IMAGE`,
  );
}

/** Those of executor images that were replaced; what a container still uses stays until the next time. */
async function removeOlderVolumes(engine: DockerEngine, executor: ImageInspectInfo): Promise<void> {
  const current = programMounts(executor, { fill: false }).map(({ Source }) => Source);
  const { Volumes } = await engine.call('list volumes', (abortSignal) =>
    engine.docker.listVolumes({ filters: { label: [`owner=${OWNER}`] }, abortSignal }),
  );
  for (const { Name } of Volumes) {
    if (!current.includes(Name))
      await engine.docker
        .getVolume(Name)
        .remove()
        .catch(() => {});
  }
}

function programMounts({ Id }: ImageInspectInfo, { fill }: { fill: boolean }): MountSettings[] {
  const version = Id.replace('sha256:', '').slice(0, 12);
  return Object.entries(PROGRAM_FOLDERS).map(([name, folder]) => ({
    Type: 'volume',
    Source: `wegent-${name}-${version}`,
    Target: folder,
    ReadOnly: !fill,
    VolumeOptions: {
      NoCopy: !fill,
      Labels: { owner: OWNER },
      DriverConfig: { Name: 'local', Options: {} },
    },
  }));
}

/** Those who want the same at the same time share it. */
function once(doing: Map<string, Promise<void>>, key: string, work: () => Promise<void>): Promise<void> {
  const known = doing.get(key);
  if (known) return known;
  const begun = work().finally(() => doing.delete(key));
  doing.set(key, begun);
  // Who wanted it may have given up.
  begun.catch(() => {});
  return begun;
}
