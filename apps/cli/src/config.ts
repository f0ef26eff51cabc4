import { homedir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { CommandError, EXIT } from './failure.ts';

const Environment = z.object({
  WEGENT_SERVER: z.url({ protocol: /^https?$/ }).optional(),
  WEGENT_TOKEN: z.string().min(1).optional(),
  WEGENT_NAMESPACE: z.string().min(1).optional(),
  WEGENT_CONFIG: z.string().min(1).optional(),
  XDG_CONFIG_HOME: z.string().min(1).optional(),
});

/** What the environment says; it stands above the chosen context. */
export interface Config {
  /** Origin of the server, from `WEGENT_SERVER`. */
  server?: string | undefined;
  /** An API key or access token, from `WEGENT_TOKEN`. */
  token?: string | undefined;
  /** From `WEGENT_NAMESPACE`. */
  namespace?: string | undefined;
  /** File of the contexts: `WEGENT_CONFIG`, else `wegent/config.json` in the user's configuration folder. */
  file: string;
}

/** Reads the environment. Throws, naming the variable, when one is unusable. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const parsed = Environment.safeParse(environment);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new CommandError(`${issue?.path.join('.')}: ${issue?.message}`, EXIT.usage);
  }
  const { WEGENT_SERVER, WEGENT_TOKEN, WEGENT_NAMESPACE, WEGENT_CONFIG, XDG_CONFIG_HOME } = parsed.data;
  return {
    server: WEGENT_SERVER,
    token: WEGENT_TOKEN,
    namespace: WEGENT_NAMESPACE,
    file:
      WEGENT_CONFIG ?? path.join(XDG_CONFIG_HOME ?? path.join(homedir(), '.config'), 'wegent/config.json'),
  };
}
