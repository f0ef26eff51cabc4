import type { Readable } from 'node:stream';

/**
 * Bytes that do not belong in rows: attachments, skill archives, workspace archives. Keys are made of the parts
 * `letters, digits, - _ .`, joined by `/`, at most 200 characters in all (`attachments/0190…`); others are `Invalid`.
 */
export interface BlobStore {
  /**
   * Stores the content, in place of what was there. All or nothing: readers see the old content or the new one, and
   * a source that fails leaves the old one.
   */
  put(key: string, content: BlobContent): Promise<BlobInfo>;

  /** The content as a stream, or `undefined` when there is none. Who does not read it to the end destroys it. */
  get(key: string): Promise<Readable | undefined>;

  /** The whole content, or `undefined` when there is none. For what is known to be small. */
  read(key: string): Promise<Uint8Array | undefined>;

  /** Removes it; does nothing when there is none. */
  delete(key: string): Promise<void>;

  /** Gives back what the store holds of the system. */
  close(): Promise<void>;
}

/** Bytes, or a source of them such as a `Readable`. */
export type BlobContent = Uint8Array | AsyncIterable<Uint8Array>;

/** What was stored: bytes, and SHA-256 in hexadecimal digits. */
export interface BlobInfo {
  size: number;
  sha256: string;
}
