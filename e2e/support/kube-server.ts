import { freePort } from '@wegent/testing';
import { z } from 'zod';
import { type Person, signIn, withApiKey } from './person.ts';
import { type Standalone, type StandaloneOptions, startStandalone } from './standalone.ts';

/** The product with its door for Kubernetes clients open. */
export interface KubeServer extends AsyncDisposable {
  server: Standalone;
  /** The administrator, with an API key. */
  admin: Person;
  /** Where clients go, and the certificate that they have to trust, in base64: as the server itself says. */
  cluster: { server: string; authority: string };
}

const Kubeconfig = z.object({
  clusters: z.tuple([
    z.object({ cluster: z.object({ server: z.string(), 'certificate-authority-data': z.string() }) }),
  ]),
  // A kubeconfig holds no token: it names the program that has one.
  users: z.tuple([
    z.strictObject({
      name: z.string(),
      user: z.strictObject({ exec: z.looseObject({ command: z.literal('wegent') }) }),
    }),
  ]),
});

/** Starts the product with HTTPS on a port of its own. */
export async function startKubeServer({ env, ...options }: StandaloneOptions = {}): Promise<KubeServer> {
  const port = await freePort();
  const server = await startStandalone({
    ...options,
    env: { HTTPS_PORT: String(port), SIMULATOR_PACE: '0', ...env },
  });
  try {
    const admin = await withApiKey(server.url, await signIn(server.url));
    const answer = await fetch(`${server.url}/api/v1/kubeconfig`, {
      headers: { authorization: `Bearer ${admin.token}`, accept: 'application/json' },
    });
    const [{ cluster }] = Kubeconfig.parse(await answer.json()).clusters;
    return {
      server,
      admin,
      cluster: { server: cluster.server, authority: cluster['certificate-authority-data'] },
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}
