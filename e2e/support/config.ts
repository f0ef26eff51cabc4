/** Settings of the end-to-end suites, from the environment. */
export const e2eConfig = {
  /** Repeats a random run: the number that a failed suite printed. */
  seed: process.env.WEGENT_TEST_SEED === undefined ? undefined : Number(process.env.WEGENT_TEST_SEED),
  /** Changes of each writer in the suite of watches; WEGENT_WATCH_CHANGES=1000 makes it a long one. */
  watchChanges: Number(process.env.WEGENT_WATCH_CHANGES ?? 50),
  /** Folder for pictures of the screens; none are taken without it. */
  screenshots: process.env.WEGENT_SCREENSHOTS || undefined,
  /** What a child process needs of this one, and nothing else. */
  childEnvironment: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' },
  /** What npm needs besides to reach its registry, on machines with a proxy or with certificates of their own. */
  registryEnvironment: Object.fromEntries(
    Object.entries(process.env).filter(([name]) =>
      /^(node_extra_ca_certs|ssl_cert_(file|dir)|https?_proxy|no_proxy|npm_config_registry)$/i.test(name),
    ),
  ),
  /** All of it, for a part of the product that a suite starts as a program of its own. */
  environment: process.env,
};
