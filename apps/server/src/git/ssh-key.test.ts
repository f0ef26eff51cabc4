import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { checkSshKey } from './ssh-key.ts';

const openSsh = (cipher: string) => {
  const name = Buffer.from(cipher);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(name.length);
  const data = Buffer.concat([Buffer.from('openssh-key-v1\0'), length, name, Buffer.alloc(100, 7)]);
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${data.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----`;
};
const pem = (passphrase?: string) =>
  generateKeyPairSync('rsa', {
    modulusLength: 1024,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: {
      type: 'pkcs8',
      format: 'pem',
      ...(passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }),
    },
  }).privateKey;

test('takes keys without a passphrase, as programs want them', () => {
  const key = openSsh('none');
  expect(checkSshKey(`  ${key.replaceAll('\n', '\r\n')}  `)).toEqual({ key: `${key}\n` });
  expect(checkSshKey(pem())).toHaveProperty('key');
});

test.each([
  ['a key with a passphrase', openSsh('aes256-ctr'), /passphrase/],
  ['a PEM key with a passphrase', pem('geheim'), /passphrase/],
  ['a public key', 'ssh-ed25519 AAAA me@example.org', /public key/],
  ['half a key', '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA', /no private key/],
  ['a certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', /no private key/],
  ['nothing', '', /no private key/],
])('refuses %s', (_what, text, fault) => {
  expect(checkSshKey(text)).toEqual({ fault: expect.stringMatching(fault) });
});
