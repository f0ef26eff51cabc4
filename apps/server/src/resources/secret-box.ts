import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import {
  ApiError,
  collectSecrets,
  type KindDefinition,
  kindByName,
  MASK,
  mapSecrets,
  maskSecrets,
  type ResourceObject,
  type StatusCause,
} from '@wegent/api';
import { withReadableLastApplied } from './last-applied.ts';

const PREFIX = 'enc:v1:';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Seals and opens the secrets of objects. */
export type SecretBox = ReturnType<typeof createSecretBox>;

/**
 * AES-256-GCM over the secret fields of objects, as `enc:v1:<key id>:<base64 of iv, tag and ciphertext>`.
 * The first key seals, all keys open. The uid of the object and the path of the field are authenticated along
 * with each secret, so that sealed text copied elsewhere does not open.
 */
export function createSecretBox(keys: readonly { id: string; key: Uint8Array }[]) {
  const [first] = keys;
  if (!first) throw new Error('a secret box needs at least one key');
  const sealing = first;
  const keyOf = new Map(keys.map(({ id, key }) => [id, key]));

  function sealText(text: string, context: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', sealing.key, iv);
    cipher.setAAD(Buffer.from(context));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return `${PREFIX}${sealing.id}:${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64')}`;
  }

  function openText(text: string, context: string): string {
    if (!text.startsWith(PREFIX)) return text;
    const [id = '', data = ''] = text.slice(PREFIX.length).split(':');
    const key = keyOf.get(id);
    if (!key)
      throw new ApiError(
        'InternalError',
        `a secret was sealed with key "${id}", which SECRET_KEYS does not have`,
      );
    const bytes = Buffer.from(data, 'base64');
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES));
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return Buffer.concat([
        decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)),
        decipher.final(),
      ]).toString('utf8');
    } catch (cause) {
      throw new ApiError('InternalError', `a secret does not open with key "${id}" of SECRET_KEYS`, {
        cause,
      });
    }
  }

  /**
   * Seals what a client wrote. The mask keeps what is stored at the same path (a cause where nothing is), and a
   * secret that equals the stored one keeps its sealed text, so that writing the same again is no change.
   */
  function seal(
    object: ResourceObject,
    stored?: ResourceObject,
  ): { object: ResourceObject; causes: StatusCause[] } {
    const definition = definitionOf(object);
    const { secrets } = definition;
    const kept: Map<string, string> = stored ? collectSecrets(stored, secrets) : new Map();
    const causes: StatusCause[] = [];
    const sealed = mapSecrets(withReadableLastApplied(object, definition), secrets, (secret, path) => {
      const context = contextOf(object, path);
      const before = kept.get(path);
      if (secret === '') return '';
      if (secret === MASK) {
        if (before !== undefined) return before;
        causes.push({
          reason: 'FieldValueInvalid',
          field: path,
          message: `Invalid value: "${MASK}" keeps what is stored, and nothing is stored here`,
        });
        return '';
      }
      if (before !== undefined && openText(before, context) === secret) return before;
      return sealText(secret, context);
    });
    return { object: sealed, causes };
  }

  /** Opens all secrets of a stored object. For the server alone: the result never goes to a client. */
  function unseal(object: ResourceObject): ResourceObject {
    return mapSecrets(object, definitionOf(object).secrets, (secret, path) =>
      openText(secret, contextOf(object, path)),
    );
  }

  /** The object as clients see it: every secret reads as the mask. */
  function mask(object: ResourceObject): ResourceObject {
    return maskSecrets(object, definitionOf(object).secrets);
  }

  /** The document with the mask for each secret that is stored as it is written there. */
  function maskKnown(document: Record<string, unknown>, stored: ResourceObject): Record<string, unknown> {
    const { secrets } = definitionOf(stored);
    const kept = collectSecrets(stored, secrets);
    return mapSecrets(document, secrets, (secret, path) => {
      if (secret === '') return '';
      const before = kept.get(path);
      return before !== undefined && openText(before, contextOf(stored, path)) === secret ? MASK : secret;
    });
  }

  return {
    seal,
    maskKnown,
    unseal,
    mask,
    /** Seals text that is no part of an object; it opens with the same context only. */
    sealText,
    openText,
  };
}

function contextOf(object: ResourceObject, path: string): string {
  return `${object.metadata.uid ?? ''}/${path}`;
}

function definitionOf(object: ResourceObject): KindDefinition {
  const definition = kindByName(object.kind);
  if (!definition) throw new ApiError('InternalError', `kind "${object.kind}" is not known`);
  return definition;
}
