import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, link, mkdir, open, rename, rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import path from 'node:path';
import type { KeyPair } from './certificates.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** A certificate that ends sooner is made anew. */
const RENEW_BEFORE_MS = 30 * DAY_MS;

/** What a listener needs, and what clients have to trust. */
export interface TlsMaterial {
  key: string;
  cert: string;
  ca: string;
}

/**
 * The certificate authority and the server's certificate in `folder`: read, or made where they are absent, end soon,
 * or do not name all hosts. Private keys are readable by their owner alone. Processes that start at the same time
 * end up with the same authority.
 */
export async function openTlsFolder(
  folder: string,
  { hosts, now = Date.now }: { hosts: readonly string[]; now?: () => number },
): Promise<TlsMaterial> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const authority = await readPair(folder, 'ca');
  const usable = authority && endsAt(authority) - now() > RENEW_BEFORE_MS;
  const trusted = usable
    ? authority
    : await makePair(folder, 'ca', { replace: authority !== undefined, now });
  const known = await readPair(folder, 'server');
  const server = known && serves(known, trusted, hosts, now()) ? known : await makeServer();
  return {
    key: server.privateKey,
    cert: `${server.certificate.trim()}\n${trusted.certificate}`,
    ca: trusted.certificate,
  };

  async function makeServer(): Promise<KeyPair> {
    const { makeServerCertificate } = await import('./certificates.ts');
    const pair = await makeServerCertificate(trusted, { hosts, now: now() });
    await writePair(folder, 'server', pair, { replace: true });
    return (await readPair(folder, 'server')) ?? pair;
  }
}

async function makePair(
  folder: string,
  name: string,
  { replace, now }: { replace: boolean; now: () => number },
): Promise<KeyPair> {
  // The library is loaded in the one start in a year that needs it.
  const { makeAuthority } = await import('./certificates.ts');
  const pair = await makeAuthority(now());
  await writePair(folder, name, pair, { replace });
  return (await readPair(folder, name)) ?? pair;
}

function serves(pair: KeyPair, authority: KeyPair, hosts: readonly string[], now: number): boolean {
  const certificate = new X509Certificate(pair.certificate);
  const issuer = new X509Certificate(authority.certificate);
  return (
    endsAt(pair) - now > RENEW_BEFORE_MS &&
    certificate.verify(issuer.publicKey) &&
    hosts.every(
      (host) => (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)) !== undefined,
    )
  );
}

function endsAt({ certificate }: KeyPair): number {
  return Date.parse(new X509Certificate(certificate).validTo);
}

// Key and certificate are one file, so that no crash and no other process can mix two pairs.
async function readPair(folder: string, name: string): Promise<KeyPair | undefined> {
  const file = fileOf(folder, name);
  if (!existsSync(file)) return undefined;
  await chmod(file, 0o600);
  const text = readFileSync(file, 'utf8');
  const certificate = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/.exec(text)?.[0];
  const privateKey = /-----BEGIN PRIVATE KEY-----[\s\S]+?-----END PRIVATE KEY-----/.exec(text)?.[0];
  if (certificate === undefined || privateKey === undefined) {
    throw new Error(`${file} holds no private key with its certificate; remove it to have a new one made`);
  }
  return { certificate: `${certificate}\n`, privateKey: `${privateKey}\n` };
}

async function writePair(
  folder: string,
  name: string,
  { certificate, privateKey }: KeyPair,
  { replace }: { replace: boolean },
): Promise<void> {
  const draft = path.join(folder, `.${name}-${process.pid}-${Math.random().toString(36).slice(2)}`);
  try {
    const handle = await open(draft, 'wx', 0o600);
    await handle.writeFile(`${privateKey.trim()}\n${certificate.trim()}\n`);
    await handle.sync();
    await handle.close();
    if (replace) await rename(draft, fileOf(folder, name));
    // Linking fails where another process was first; then its pair is the one.
    else await link(draft, fileOf(folder, name)).catch(ignoreExisting);
  } finally {
    await rm(draft, { force: true });
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

function fileOf(folder: string, name: string): string {
  return path.join(folder, `${name}.pem`);
}
