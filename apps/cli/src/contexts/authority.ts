import { X509Certificate } from 'node:crypto';
import tls from 'node:tls';

/** The authority that a server says has signed its certificate. Nothing vouches for it but its fingerprint. */
export interface ServedAuthority {
  name: string;
  /** SHA-256, as `openssl x509 -fingerprint -sha256` prints it. */
  fingerprint: string;
  pem: string;
}

/** Asks a server for the last certificate of its chain; nothing but that is said to it. Rejects when it is away. */
export async function readServedAuthority(server: string): Promise<ServedAuthority> {
  const { hostname, port } = new URL(server);
  const host = hostname.replace(/^\[|\]$/g, '');
  const { promise, resolve, reject } = Promise.withResolvers<tls.DetailedPeerCertificate>();
  const socket = tls.connect(
    { host, port: Number(port || 443), rejectUnauthorized: false, timeout: 10_000, ...servername(host) },
    () => resolve(socket.getPeerCertificate(true)),
  );
  socket.once('error', reject);
  socket.once('timeout', () => reject(new Error('the server does not answer')));
  try {
    let certificate = await promise;
    while (certificate.issuerCertificate && certificate.issuerCertificate !== certificate)
      certificate = certificate.issuerCertificate;
    const authority = new X509Certificate(certificate.raw);
    return {
      name: authority.subject.replaceAll('\n', ', '),
      fingerprint: authority.fingerprint256,
      pem: authority.toString(),
    };
  } finally {
    socket.destroy();
  }
}

/** Do two people mean the same fingerprint, with or without colons and what openssl writes before it? */
export function isSameFingerprint(one: string, other: string): boolean {
  return bare(one) === bare(other);
}

function bare(fingerprint: string): string {
  return fingerprint
    .toLowerCase()
    .replace(/^(sha-?256( fingerprint)?)[:=]\s*/, '')
    .replaceAll(':', '')
    .trim();
}

/** TLS allows no addresses there. */
function servername(host: string) {
  return /^[\d.]+$|:/.test(host) ? {} : { servername: host };
}
