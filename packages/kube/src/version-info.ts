/** The answer to `GET /version`. `gitVersion` has to be a semantic version: clients choose their own build by it. */
export function versionInfo({
  kubernetes,
  product,
  commit = '',
  buildDate = '1970-01-01T00:00:00Z',
  platform = 'linux/amd64',
}: {
  /** The version of Kubernetes whose conventions are spoken: `1.33.0`. */
  kubernetes: string;
  /** Name and version of this server, for the build part: `wegent.0.1.0`. */
  product: string;
  commit?: string;
  buildDate?: string;
  platform?: string;
}) {
  const [major = '1', minor = '0'] = kubernetes.split('.');
  return {
    major,
    minor,
    gitVersion: `v${kubernetes}+${product.replaceAll(/[^0-9A-Za-z.-]/g, '-')}`,
    gitCommit: commit,
    gitTreeState: 'clean',
    buildDate,
    goVersion: 'none',
    compiler: 'none',
    platform,
  };
}
