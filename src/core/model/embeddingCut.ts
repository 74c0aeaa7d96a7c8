// Makes a graph that takes ids take embeddings instead, so that a superposition of tokens can be fed to it: the Gather that
// looks ids up is removed and its output becomes an input. `input_ids` stays where other nodes read it (for its shape).
import { typeNumber, type OnnxInitialiser, type OnnxModel, type OnnxNode } from './onnxFile.js';
import { bytesField, joinBytes, varintField, wireFields } from './protobufWire.js';
import type { TensorType } from './tensorSession.js';

export interface EmbeddingCut {
  /** The new model file. */
  readonly bytes: Uint8Array;
  /** Name of the new input [batch, sequence, width], of the table's element type. */
  readonly input: string;
  /** The table [vocabulary, width] that the removed node read. */
  readonly table: OnnxInitialiser;
  /** True when the graph still wants `input_ids` beside the embeddings. */
  readonly keepsIds: boolean;
}

/** Undefined when no plain Gather of a float table by `input_ids` is there (a quantised or merged embedding). */
export function cutEmbedding(model: OnnxModel): EmbeddingCut | undefined {
  const gather = model.nodes.find((node) => node.op === 'Gather' && node.inputs[1] === 'input_ids');
  const table = gather === undefined ? undefined : model.initialisers.get(gather.inputs[0]!);
  if (gather === undefined || table?.dims.length !== 2) return undefined;
  if (table.type !== 'float32' && table.type !== 'float16') return undefined;
  const input = gather.outputs[0]!;
  const keepsIds = readsIds(model, gather);
  const graph: Uint8Array[] = [];
  for (const { field, whole, bytes } of wireFields(model.graph)) {
    if (field === 1 && sameBytes(whole, gather.whole)) continue;
    if (field === 11 && !keepsIds && nameOf(bytes) === 'input_ids') continue;
    graph.push(whole);
  }
  graph.push(bytesField(11, embeddingInput(input, table.dims[1]!, table.type)));
  const parts: Uint8Array[] = [];
  for (const { field, whole } of wireFields(model.bytes))
    parts.push(field === 7 ? bytesField(7, ...graph) : whole);
  return { bytes: joinBytes(parts), input, table, keepsIds };
}

function readsIds(model: OnnxModel, gather: OnnxNode): boolean {
  return model.nodes.some((node) => node !== gather && node.inputs.includes('input_ids'));
}

/** ValueInfoProto of the new input. */
function embeddingInput(name: string, width: number, type: TensorType): Uint8Array {
  const dimension = (part: Uint8Array): Uint8Array => bytesField(1, part);
  const shape = joinBytes([
    dimension(bytesField(2, ascii('batch_size'))),
    dimension(bytesField(2, ascii('sequence_length'))),
    dimension(varintField(1, width)),
  ]);
  const tensor = joinBytes([varintField(1, typeNumber(type)), bytesField(2, shape)]);
  return joinBytes([bytesField(1, ascii(name)), bytesField(2, bytesField(1, tensor))]);
}

function nameOf(valueInfo: Uint8Array): string {
  for (const { field, bytes } of wireFields(valueInfo)) if (field === 1) return String.fromCharCode(...bytes);
  return '';
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteOffset === b.byteOffset && a.length === b.length;
}

function ascii(value: string): Uint8Array {
  return Uint8Array.from(value, (character) => character.charCodeAt(0));
}
