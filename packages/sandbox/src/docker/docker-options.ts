/** What the Docker driver has to know. */
export interface DockerDriverOptions {
  /** Socket of the engine, such as `/var/run/docker.sock`. */
  socketPath: string;
  /** Executor image: for sandboxes whose spec names no image, and source of Node and executor for the others. */
  image: string;
  /** Made where it is missing. */
  network: string;
  /** Executors listen on one of these, each on another. */
  ports: { min: number; max: number };
  /** Folder of this host with the installed engines. */
  enginesFolder: string;
  /** Tells the sandboxes of installations that share an engine apart. */
  instance: string;
  /** Bundle of the executor on this host; the one in the executor image when absent. */
  executorFile?: string;
}

/** Path of Node inside; agents can run it but not read it, see `deploy/executor/setup.sh`. */
export const NODE_INSIDE = '/opt/node/bin/node';
/** Path of the executor inside. */
export const EXECUTOR_INSIDE = '/opt/executor/main.js';

/** Labels of containers. */
export const LABELS = {
  owner: 'owner',
  instance: 'wegent.instance',
  sandbox: 'wegent.sandbox',
  task: 'wegent.task',
  namespace: 'wegent.namespace',
  port: 'wegent.port',
  /** Folder of the host, and how many bytes may lie in it. */
  folder: 'wegent.folder',
  disk: 'wegent.disk',
  /** Another name for the task, which tools around the platform look for. */
  taskId: 'task_id',
} as const;

/** Whose everything of ours is. */
export const OWNER = 'wegent';
