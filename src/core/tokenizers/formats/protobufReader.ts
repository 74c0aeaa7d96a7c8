// The little of Protocol Buffers that SentencePiece models need: fields of a message, one after another, with every
// length checked against the bytes that are there.
// Source: https://protobuf.dev/programming-guides/encoding/.
import { FormatError } from './formatResult';

export interface ProtobufField {
  readonly number: number;
  /** Whole number of a varint or fixed field; NaN for bytes. */
  readonly value: number;
  /** Bytes of a length-delimited or fixed field; a view, not a copy. */
  readonly bytes: Uint8Array;
}

const NONE = new Uint8Array(0);

/** Fields of one message in file order. Throws FormatError 'truncated' or 'bad-protobuf'. */
export function* protobufFields(message: Uint8Array, where: string): Generator<ProtobufField> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1, i = 0; ; shift *= 128, i++) {
      const byte = message[at++];
      if (byte === undefined) throw cutOff(where);
      if (i > 9)
        throw new FormatError(
          'bad-protobuf',
          `${where} has a number of more than 10 bytes; this is not a SentencePiece model.`,
        );
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Uint8Array => {
    if (length > message.length - at) throw cutOff(where);
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        yield { number, value: varint(), bytes: NONE };
        break;
      case 1:
        yield { number, value: NaN, bytes: take(8) };
        break;
      case 2:
        yield { number, value: NaN, bytes: take(varint()) };
        break;
      case 5:
        yield { number, value: NaN, bytes: take(4) };
        break;
      default:
        throw new FormatError(
          'bad-protobuf',
          `${where} is not a SentencePiece model, or it is damaged. Download it again.`,
        );
    }
  }
}

const cutOff = (where: string): FormatError =>
  new FormatError(
    'truncated',
    `${where} says it is longer than the file: the download was cut off or the file is damaged. Download it again.`,
  );

/** A 32-bit little-endian float. */
export function floatOf(bytes: Uint8Array, where: string): number {
  if (bytes.length !== 4)
    throw new FormatError('bad-protobuf', `${where} is not a number; the file is damaged.`);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0, true);
}
