/** What a kubeconfig is made for. */
export interface KubeconfigInput {
  /** Address of the API for Kubernetes clients, with TLS. */
  server: string;
  /** Certificate to trust; absent where the machine trusts the server anyway. */
  authority?: string | undefined;
  /** Address with which the command `wegent` signs in. */
  platform: string;
  username: string;
  namespace: string;
}

/**
 * A kubeconfig without a secret: its user is a program that hands kubectl short-lived tokens, `wegent credential`,
 * which knows who is signed in.
 */
export function makeKubeconfig({ server, authority, platform, username, namespace }: KubeconfigInput) {
  const name = 'wegent';
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: {
          server,
          ...(authority === undefined
            ? {}
            : { 'certificate-authority-data': Buffer.from(authority).toString('base64') }),
        },
      },
    ],
    users: [
      {
        name: username,
        user: {
          exec: {
            apiVersion: 'client.authentication.k8s.io/v1',
            command: 'wegent',
            args: ['credential', '--server', platform],
            interactiveMode: 'IfAvailable',
            provideClusterInfo: false,
            installHint: 'The command wegent is missing. It signs in to Wegent; see its guide on kubectl.',
          },
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: username, namespace } }],
    'current-context': name,
    preferences: {},
  };
}
