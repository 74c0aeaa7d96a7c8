// The protobuf wire format, as far as ONNX files need it: fields of a message as slices, and a writer.
// Worked example: bytes 08 96 01 are field 1, varint 150; 12 03 61 62 63 are field 2, three bytes "abc".

export interface WireField {
  readonly field: number;
  readonly wire: 0 | 1 | 2 | 5;
  /** Varint value (wire 0), exact to 2^53. */
  readonly value: number;
  /** Payload of wire 1, 2 and 5: a view into the message. */
  readonly bytes: Uint8Array;
  /** The whole field with its key, for copying. */
  readonly whole: Uint8Array;
}

const none = new Uint8Array(0);

/** Fields of a message in order. Throws RangeError when the message is cut short or uses an unknown wire type. */
export function* wireFields(message: Uint8Array): Generator<WireField> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = message[at++];
      if (byte === undefined) throw new RangeError('the file ends inside a number');
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
      if (scale > 2 ** 70) throw new RangeError('a number is too long');
    }
  };
  while (at < message.length) {
    const start = at;
    const key = varint();
    const wire = key % 8;
    const field = Math.floor(key / 8);
    if (wire === 0) {
      const value = varint();
      yield { field, wire, value, bytes: none, whole: message.subarray(start, at) };
      continue;
    }
    const length = wire === 2 ? varint() : wire === 1 ? 8 : wire === 5 ? 4 : -1;
    if (length < 0 || field === 0) throw new RangeError('not a protobuf message');
    if (at + length > message.length) throw new RangeError('the file ends inside a field');
    const bytes = message.subarray(at, at + length);
    at += length;
    yield { field, wire: wire as 1 | 2 | 5, value: 0, bytes, whole: message.subarray(start, at) };
  }
}

/** A varint of a non-negative integer below 2^53, or of a negative one as 64-bit two's complement. */
export function varintBytes(value: number): Uint8Array {
  const out: number[] = [];
  if (value < 0) {
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest >= 128n; rest >>= 7n) out.push(Number(rest & 127n) | 128);
    return Uint8Array.from([...out, Number(rest)]);
  }
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128);
  return Uint8Array.from([...out, rest]);
}

export function varintField(field: number, value: number): Uint8Array {
  return joinBytes([varintBytes(field * 8), varintBytes(value)]);
}

/** A length-delimited field: a string's bytes, a packed array or a message. */
export function bytesField(field: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return joinBytes([varintBytes(field * 8 + 2), varintBytes(length), ...parts]);
}

export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
