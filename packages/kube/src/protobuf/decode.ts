import { ApiError } from '@wegent/api';
import { isMapping } from '../tree.ts';
import { DELETE_OPTIONS_MESSAGE, type FieldType, MESSAGES, type Message } from './messages.ts';
import { malformed, readFields, type WireField } from './wire.ts';

/** A document that came as protobuf. */
export interface DecodedDocument {
  apiVersion: string;
  kind: string;
  [field: string]: unknown;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const MAGIC = [0x6b, 0x38, 0x73, 0x00];

/**
 * Reads a body of `application/vnd.kubernetes.protobuf`, which newer clients send for built-in kinds whatever
 * discovery says. A malformed body is `BadRequest`; a kind that has no protobuf form is `UnsupportedMediaType`.
 */
export function decodeProtobuf(body: Uint8Array): DecodedDocument {
  if (MAGIC.some((byte, index) => body[index] !== byte))
    throw malformed('it does not begin with "k8s" and a zero');
  let apiVersion = '';
  let kind = '';
  let raw: Uint8Array = new Uint8Array();
  for (const field of readFields(body.subarray(MAGIC.length))) {
    if (field.type !== 'bytes') continue;
    if (field.number === 1) {
      for (const part of readFields(field.value)) {
        if (part.type !== 'bytes') continue;
        if (part.number === 1) apiVersion = text(part.value);
        if (part.number === 2) kind = text(part.value);
      }
    }
    if (field.number === 2) raw = field.value;
  }
  return { ...decodeMessage(raw, messageOf(apiVersion, kind)), apiVersion, kind };
}

function messageOf(apiVersion: string, kind: string): Message {
  if (kind === 'DeleteOptions') return DELETE_OPTIONS_MESSAGE;
  const key = `${apiVersion}/${kind}`;
  const message = Object.hasOwn(MESSAGES, key) ? MESSAGES[key] : undefined;
  if (message) return message;
  throw new ApiError(
    'UnsupportedMediaType',
    `${JSON.stringify(kind.slice(0, 100))} of ${JSON.stringify(apiVersion.slice(0, 100))} is not accepted as protobuf; send it as application/json`,
  );
}

function decodeMessage(bytes: Uint8Array, message: Message): Record<string, unknown> {
  const result = new Map<string, unknown>();
  for (const field of readFields(bytes)) {
    const rule = message[field.number];
    if (rule === undefined) continue;
    const [name, type, repeated] = rule;
    if (type === 'texts' || type === 'byte-texts') {
      const [key, value] = decodeEntry(bytesOf(field), type);
      const entries = result.get(name);
      // Keys are data: a map holds every key, and none of them reaches a prototype.
      result.set(name, (entries instanceof Map ? entries : new Map<string, string>()).set(key, value));
      continue;
    }
    const value = decodeValue(field, type);
    if (repeated) {
      const list = result.get(name);
      if (Array.isArray(list)) list.push(value);
      else result.set(name, [value]);
    } else if (value !== '' && value !== undefined) result.set(name, value);
    else result.delete(name);
  }
  return Object.fromEntries(
    [...result].map(([name, value]) => [name, value instanceof Map ? Object.fromEntries(value) : value]),
  );
}

function decodeValue(field: WireField, type: Exclude<FieldType, 'texts' | 'byte-texts'>): unknown {
  switch (type) {
    case 'string':
      return text(bytesOf(field));
    case 'int':
      return Number(BigInt.asIntN(64, numberOf(field)));
    case 'bool':
      return numberOf(field) !== 0n;
    case 'time':
      return decodeTime(bytesOf(field));
    case 'json':
      return decodeJson(bytesOf(field));
    default: {
      const decoded = decodeMessage(bytesOf(field), type);
      // A message of one unnamed field is that field.
      return Object.hasOwn(decoded, '') ? decoded[''] : decoded;
    }
  }
}

function decodeEntry(bytes: Uint8Array, type: 'texts' | 'byte-texts'): [string, string] {
  let key = '';
  let value: Uint8Array = new Uint8Array();
  for (const field of readFields(bytes)) {
    if (field.type !== 'bytes') throw malformed('an entry of a map is a number');
    if (field.number === 1) key = text(field.value);
    if (field.number === 2) value = field.value;
  }
  return [key, type === 'texts' ? text(value) : base64(value)];
}

function decodeTime(bytes: Uint8Array): string | undefined {
  let seconds = 0n;
  let nanos = 0n;
  for (const field of readFields(bytes)) {
    if (field.number === 1) seconds = BigInt.asIntN(64, numberOf(field));
    if (field.number === 2) nanos = BigInt.asIntN(64, numberOf(field));
  }
  if (seconds === 0n && nanos === 0n) return undefined;
  const time = new Date(Number(seconds) * 1000);
  const year = time.getUTCFullYear();
  if (!(year >= 1 && year <= 9999) || nanos < 0n || nanos > 999_999_999n)
    throw malformed('a time is out of range');
  const fraction = nanos === 0n ? '' : `.${String(nanos / 1000n).padStart(6, '0')}`;
  return `${time.toISOString().slice(0, 19)}${fraction}Z`;
}

function decodeJson(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text(bytes));
    if (isMapping(value)) return value;
  } catch {
    // Reported below.
  }
  throw malformed('managed fields are not a JSON mapping');
}

function bytesOf(field: WireField): Uint8Array {
  if (field.type === 'bytes') return field.value;
  throw malformed(`field ${field.number} is a number`);
}

function numberOf(field: WireField): bigint {
  if (field.type === 'varint') return field.value;
  throw malformed(`field ${field.number} is not a number`);
}

function text(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw malformed('a text is not UTF-8');
  }
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
