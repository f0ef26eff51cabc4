import { ApiError } from '@wegent/api';

/** A field as it stands on the wire. */
export type WireField =
  | { number: number; type: 'varint'; value: bigint }
  | { number: number; type: 'bytes'; value: Uint8Array };

const MAX_VARINT_BYTES = 10;
const MAX_NUMBER = 536_870_911;
// Most numbers are small.
const SMALL = Array.from({ length: 128 }, (_, index) => BigInt(index));

/** Reads the fields of a message in their order; fields of fixed width are passed over. Throws `BadRequest`. */
export function* readFields(bytes: Uint8Array): Generator<WireField> {
  let offset = 0;
  const varint = (): bigint => {
    const first = bytes[offset];
    const small = first === undefined ? undefined : SMALL[first];
    if (small !== undefined) {
      offset += 1;
      return small;
    }
    let value = 0n;
    for (let index = 0; index < MAX_VARINT_BYTES; index += 1) {
      const byte = bytes[offset];
      if (byte === undefined) throw malformed('it ends within a number');
      offset += 1;
      value |= BigInt(byte & 0x7f) << BigInt(index * 7);
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw malformed('a number is too long');
  };
  const skip = (length: number): Uint8Array => {
    if (length > bytes.length - offset) throw malformed('it ends within a field');
    offset += length;
    return bytes.subarray(offset - length, offset);
  };
  while (offset < bytes.length) {
    const tag = Number(varint());
    const number = Math.floor(tag / 8);
    if (number === 0 || number > MAX_NUMBER) throw malformed('a field has no number');
    switch (tag % 8) {
      case 0:
        yield { number, type: 'varint', value: varint() };
        break;
      case 1:
        skip(8);
        break;
      case 2: {
        const length = varint();
        if (length > BigInt(bytes.length)) throw malformed('it ends within a field');
        yield { number, type: 'bytes', value: skip(Number(length)) };
        break;
      }
      case 5:
        skip(4);
        break;
      default:
        throw malformed('a field has an unknown type');
    }
  }
}

/** The error of a body that is no valid protobuf. */
export function malformed(why: string): ApiError {
  return new ApiError('BadRequest', `the protobuf body is malformed: ${why}`);
}

/** A field whose content is text or a message. */
export function lengthDelimited(number: number, content: string | Uint8Array): Uint8Array {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return concatBytes([varintBytes((number << 3) | 2), varintBytes(bytes.length), bytes]);
}

/** Pieces as one. */
export function concatBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    result.set(piece, offset);
    offset += piece.length;
  }
  return result;
}

function varintBytes(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
