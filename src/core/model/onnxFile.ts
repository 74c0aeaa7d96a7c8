// Reads what Tessera needs of an ONNX file without a runtime: inputs, outputs, nodes, initialisers, opsets, metadata.
// Field numbers are those of onnx.proto (ModelProto, GraphProto, NodeProto, TensorProto, ValueInfoProto).
import { wireFields, type WireField } from './protobufWire.js';
import type { TensorDescription, TensorType } from './tensorSession.js';

export interface OnnxNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** The node's field in the graph, key included. */
  readonly whole: Uint8Array;
}

export interface OnnxInitialiser {
  readonly name: string;
  readonly type: TensorType | 'other';
  readonly dims: readonly number[];
  /** Little-endian entries inside the file; absent when they are in another file or stored entry by entry. */
  readonly data?: Uint8Array;
  /** Where the entries are when they are outside: a file beside the model, byte offset and length. */
  readonly external?: { readonly file: string; readonly offset: number; readonly length: number };
}

export interface OnnxModel {
  readonly bytes: Uint8Array;
  readonly graph: Uint8Array;
  readonly producer: string;
  readonly opsets: ReadonlyMap<string, number>;
  readonly metadata: ReadonlyMap<string, string>;
  /** Graph inputs that are not initialisers. */
  readonly inputs: readonly TensorDescription[];
  readonly outputs: readonly TensorDescription[];
  readonly nodes: readonly OnnxNode[];
  readonly initialisers: ReadonlyMap<string, OnnxInitialiser>;
}

export type OnnxReading =
  { readonly ok: true; readonly model: OnnxModel } | { readonly ok: false; readonly reason: string };

const types: Readonly<Record<number, TensorType>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  16: 'bfloat16',
};

/** Element type number of onnx.proto. */
export function typeNumber(type: TensorType): number {
  return Number(Object.keys(types).find((key) => types[Number(key)] === type));
}

/** Parses a file. A file that is cut short, or is something else, gives a reason. */
export function readOnnx(bytes: Uint8Array): OnnxReading {
  try {
    const model = parse(bytes);
    if (model === undefined) return { ok: false, reason: 'This is not an ONNX file: it holds no graph.' };
    return { ok: true, model };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return {
      ok: false,
      reason: `This is not a complete ONNX file (${error.message}). If it was downloaded, download it again.`,
    };
  }
}

function parse(bytes: Uint8Array): OnnxModel | undefined {
  let graph: Uint8Array | undefined;
  let producer = '';
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  for (const { field, bytes: part, wire } of wireFields(bytes)) {
    if (field === 2 && wire === 2) producer = latin(part);
    else if (field === 7 && wire === 2) graph = part;
    else if (field === 8) {
      const fields = [...wireFields(part)];
      const domain = fields.find((f) => f.field === 1);
      opsets.set(
        domain === undefined ? '' : latin(domain.bytes),
        fields.find((f) => f.field === 2)?.value ?? 0,
      );
    } else if (field === 14) {
      const fields = [...wireFields(part)];
      metadata.set(text(fields, 1), text(fields, 2));
    }
  }
  if (graph === undefined) return undefined;
  const nodes: OnnxNode[] = [];
  const inputs: TensorDescription[] = [];
  const outputs: TensorDescription[] = [];
  const initialisers = new Map<string, OnnxInitialiser>();
  for (const { field, bytes: part, whole } of wireFields(graph)) {
    if (field === 1) nodes.push(node(part, whole));
    else if (field === 5) {
      const made = initialiser(part);
      initialisers.set(made.name, made);
    } else if (field === 11) inputs.push(valueInfo(part));
    else if (field === 12) outputs.push(valueInfo(part));
  }
  return {
    bytes,
    graph,
    producer,
    opsets,
    metadata,
    inputs: inputs.filter(({ name }) => !initialisers.has(name)),
    outputs,
    nodes,
    initialisers,
  };
}

function node(bytes: Uint8Array, whole: Uint8Array): OnnxNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  let name = '';
  let op = '';
  for (const { field, bytes: part } of wireFields(bytes)) {
    if (field === 1) inputs.push(latin(part));
    else if (field === 2) outputs.push(latin(part));
    else if (field === 3) name = latin(part);
    else if (field === 4) op = latin(part);
  }
  return { name, op, inputs, outputs, whole };
}

function initialiser(bytes: Uint8Array): OnnxInitialiser {
  const dims: number[] = [];
  const location = new Map<string, string>();
  let name = '';
  let type: OnnxInitialiser['type'] = 'other';
  let data: Uint8Array | undefined;
  for (const field of wireFields(bytes)) {
    if (field.field === 1) dims.push(...varints(field));
    else if (field.field === 2) type = types[field.value] ?? 'other';
    else if (field.field === 8) name = latin(field.bytes);
    else if (field.field === 9) data = field.bytes;
    else if (field.field === 4 && field.wire === 2) data = field.bytes;
    else if (field.field === 13) {
      const fields = [...wireFields(field.bytes)];
      location.set(text(fields, 1), text(fields, 2));
    }
  }
  const file = location.get('location');
  if (file === undefined) return { name, type, dims, ...(data === undefined ? {} : { data }) };
  const offset = Number(location.get('offset') ?? 0);
  return { name, type, dims, external: { file, offset, length: Number(location.get('length') ?? 0) } };
}

function valueInfo(bytes: Uint8Array): TensorDescription {
  const fields = [...wireFields(bytes)];
  let type: TensorType = 'float32';
  const shape: (number | string)[] = [];
  const typed = fields.find((f) => f.field === 2);
  const tensor = typed && [...wireFields(typed.bytes)].find((f) => f.field === 1);
  for (const part of tensor === undefined ? [] : wireFields(tensor.bytes)) {
    if (part.field === 1) type = types[part.value] ?? 'float32';
    else if (part.field === 2)
      for (const dimension of wireFields(part.bytes)) {
        const [one] = wireFields(dimension.bytes);
        shape.push(one === undefined ? '' : one.field === 1 ? one.value : latin(one.bytes));
      }
  }
  return { name: text(fields, 1), type, shape };
}

function varints({ wire, value, bytes }: WireField): number[] {
  if (wire === 0) return [value];
  // A packed array is a run of varints: reuse the field reader by giving each a key.
  const out: number[] = [];
  let current = 0;
  let scale = 1;
  for (const byte of bytes) {
    current += (byte & 127) * scale;
    scale *= 128;
    if (byte < 128) {
      out.push(current);
      current = 0;
      scale = 1;
    }
  }
  return out;
}

function text(fields: readonly WireField[], field: number): string {
  const found = fields.find((f) => f.field === field);
  return found === undefined ? '' : latin(found.bytes);
}

/** Names in ONNX files are ASCII; others survive a round trip byte by byte, which is all that is needed. */
function latin(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) out += String.fromCharCode(byte);
  return out;
}
