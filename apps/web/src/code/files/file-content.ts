/** A file as it can be shown. */
export type FileContent =
  | { kind: 'text'; text: string; size: number }
  | { kind: 'picture'; bytes: Uint8Array<ArrayBuffer>; type: string; size: number }
  | { kind: 'binary'; size: number }
  | { kind: 'large' };

const PROBE = 8000;
const PICTURES: readonly { type: string; begin: readonly number[] }[] = [
  { type: 'image/png', begin: [0x89, 0x50, 0x4e, 0x47] },
  { type: 'image/jpeg', begin: [0xff, 0xd8, 0xff] },
  { type: 'image/gif', begin: [0x47, 0x49, 0x46, 0x38] },
  { type: 'image/webp', begin: [0x52, 0x49, 0x46, 0x46] },
];

/** What bytes are, by what they are and not by what their name says. Drawings that are programs stay text. */
export function readContent(bytes: Uint8Array<ArrayBuffer>): FileContent {
  const size = bytes.length;
  const picture = PICTURES.find(({ begin }) => begin.every((byte, index) => bytes[index] === byte));
  if (picture) return { kind: 'picture', bytes, type: picture.type, size };
  if (bytes.subarray(0, PROBE).includes(0)) return { kind: 'binary', size };
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), size };
  } catch {
    return { kind: 'text', text: new TextDecoder('latin1').decode(bytes), size };
  }
}
