const BEGIN = /-----BEGIN (OPENSSH|RSA|EC|DSA|ENCRYPTED|) ?PRIVATE KEY-----/;
const OPENSSH_MAGIC = 'openssh-key-v1\0';

/** What is wrong with a private key, or the key as programs read it. Nobody can type a passphrase in a sandbox. */
export function checkSshKey(text: string): { key: string } | { fault: string } {
  const key = `${text.replaceAll('\r\n', '\n').trim()}\n`;
  if (/^(ssh-|ecdsa-|sk-)\S+ /.test(key)) return { fault: 'is a public key; wanted is the private one' };
  const kind = BEGIN.exec(key)?.[1];
  if (kind === undefined || !/-----END [A-Z ]*PRIVATE KEY-----\n$/.test(key))
    return { fault: 'is no private key; wanted is the whole file, from -----BEGIN to -----END' };
  const isLocked = kind === 'ENCRYPTED' || /^Proc-Type:.*ENCRYPTED/m.test(key) || hasCipher(key);
  if (isLocked) return { fault: 'has a passphrase; wanted is a key without one' };
  return { key };
}

// After the magic words comes the name of the cipher, with its length before it.
function hasCipher(key: string): boolean {
  const data = Buffer.from(key.replaceAll(/-----[A-Z ]+-----/g, ''), 'base64');
  if (!data.subarray(0, OPENSSH_MAGIC.length).equals(Buffer.from(OPENSSH_MAGIC))) return false;
  const start = OPENSSH_MAGIC.length + 4;
  return data.length >= start && data.subarray(start, start + 4).toString() !== 'none';
}
