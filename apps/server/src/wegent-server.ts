import type {
  ExecutorAccess,
  InputForm,
  ManagerLink,
  ModelEndpoint,
  ModelTestResult,
  RunError,
} from '@wegent/api';
import type { BlobStore } from '@wegent/blob';
import type { Bus } from '@wegent/bus';
import type { Queue } from '@wegent/queue';
import type { Logger } from 'pino';
import type { ServerConfig } from './config.ts';
import type { Mount } from './http/mounts.ts';
import type { Services } from './services.ts';

/** What the surrounding process decides. */
export interface ServerOptions {
  config: ServerConfig;
  logger: Logger;
  /** Folder of the exported web app. */
  webFolder?: string | undefined;
  /** The built command line. */
  commandLineFile?: string | undefined;
  /** Folder of the YAML files of built-in resources. */
  seedFolder: string;
  mounts?: readonly Mount[];
  /** Tries a model; the engine's own function in one process. */
  testModel: (input: {
    endpoint: ModelEndpoint;
    outboundAllow?: readonly string[] | undefined;
    signal: AbortSignal;
  }) => Promise<ModelTestResult>;
  /** Asks an application what people fill in before it runs; the engine's own function in one process. */
  readInputForm: (input: {
    endpoint: ModelEndpoint;
    hasInstructions: boolean;
    outboundAllow?: readonly string[] | undefined;
  }) => Promise<{ form: InputForm; error?: never } | { form?: never; error: RunError }>;
  /** Makes the `fetch` for git hosts: private addresses within the list alone, all of them when there is no list. */
  fetchFor: (allow: readonly string[] | undefined) => typeof globalThis.fetch;
  /** The way to sandboxes; that of the manager itself in one process, HTTP to the managers when absent. */
  executors?: ExecutorAccess;
  /** Milliseconds that suites shorten. */
  timings?: {
    /** A cancelled run has so long to stop by itself. */
    cancelDeadlineMs?: number;
    /** Pause between two sweeps for lost and forgotten runs. */
    sweepMs?: number;
    /** After the server was away no lease counts as lost for so long. */
    leaseGraceMs?: number;
  };
}

/** What the surrounding process knows when it starts. */
export interface ListenOptions {
  /** The manager that lives and dies with this server: runs that one of its name left behind go on at once. */
  managerId?: string;
}

/** A server that is ready to listen. */
export interface WegentServer {
  /** The contract with managers, for one in the same process. */
  link: ManagerLink;
  bus: Bus;
  blobs: BlobStore;
  /** What a manager in the same process takes from; its own is there where other processes may be managers too. */
  queues: { host: Queue; sandbox: Queue; ofManager(managerId: string): Promise<Queue | undefined> };
  services: Services;
  /** Where people reach it, and the one-time link of a fresh installation. */
  listen(options?: ListenOptions): Promise<{
    url: string;
    port: number;
    /** Absent when HTTPS is off. */
    httpsPort?: number | undefined;
    setupUrl?: string | undefined;
  }>;
  close(): Promise<void>;
}
