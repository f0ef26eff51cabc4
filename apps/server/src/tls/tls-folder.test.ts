import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTlsFolder } from './tls-folder.ts';

const HOSTS = ['localhost', '127.0.0.1', '::1', 'agents.example.org'];
const DAY_MS = 24 * 60 * 60 * 1000;

describe('the TLS folder', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'wegent-tls-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('makes an authority and a certificate for every name, and keeps both', async () => {
    const first = await openTlsFolder(folder, { hosts: HOSTS });
    const [server, authority] = [new X509Certificate(first.cert), new X509Certificate(first.ca)];
    expect(authority.ca).toBe(true);
    expect(server.ca).toBe(false);
    expect(server.verify(authority.publicKey)).toBe(true);
    expect(server.checkHost('agents.example.org')).toBe('agents.example.org');
    expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(server.subjectAltName).toContain('IP Address:0:0:0:0:0:0:0:1');
    expect(await openTlsFolder(folder, { hosts: HOSTS })).toEqual(first);
    for (const name of await readdir(folder)) {
      expect((await stat(path.join(folder, name))).mode & 0o077, name).toBe(0);
    }
    expect((await readdir(folder)).sort()).toEqual(['ca.pem', 'server.pem']);
  });

  test('renews the certificate before it ends, under the same authority', async () => {
    const first = await openTlsFolder(folder, { hosts: HOSTS });
    const later = await openTlsFolder(folder, { hosts: HOSTS, now: () => Date.now() + 380 * DAY_MS });
    expect(later.ca).toBe(first.ca);
    expect(later.cert).not.toBe(first.cert);
    expect(Date.parse(new X509Certificate(later.cert).validTo)).toBeGreaterThan(Date.now() + 700 * DAY_MS);
  });

  test('makes a new certificate for a new name', async () => {
    const first = await openTlsFolder(folder, { hosts: HOSTS });
    const second = await openTlsFolder(folder, { hosts: [...HOSTS, 'other.example.org'] });
    expect(second.ca).toBe(first.ca);
    expect(new X509Certificate(second.cert).checkHost('other.example.org')).toBe('other.example.org');
  });

  test('gives all that start at once the same authority', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => openTlsFolder(folder, { hosts: HOSTS })));
    expect(new Set(all.map(({ ca }) => ca)).size).toBe(1);
  });
});
