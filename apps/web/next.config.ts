import type { NextConfig } from 'next';

/** The screen is static files: the server hands them out, all data comes from its API on the same origin. */
const config: NextConfig = {
  output: 'export',
  transpilePackages: ['@wegent/api', '@wegent/client', '@wegent/kube'],
  images: { unoptimized: true },
  poweredByHeader: false,
  reactStrictMode: true,
};

export default config;
