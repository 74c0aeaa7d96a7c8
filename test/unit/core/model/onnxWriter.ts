// Writes small ONNX files for the tests: nodes, constants, inputs, outputs. Field numbers as in onnx.proto.
import { bytesField, joinBytes, varintBytes, varintField } from '../../../../src/core/model/protobufWire';

type Attribute = number | string | readonly number[] | { readonly float: number };
type Dimension = number | string;

export interface Port {
  readonly name: string;
  /** onnx.proto element type: 1 float, 7 int64, 9 bool. */
  readonly type: number;
  readonly shape: readonly Dimension[];
}

const ascii = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const text = (field: number, value: string): Uint8Array => bytesField(field, ascii(value));

export class OnnxWriter {
  private readonly nodes: Uint8Array[] = [];
  private readonly constants = new Map<string, Uint8Array>();
  private count = 0;

  floats(name: string, dims: readonly number[], data: Float32Array): string {
    return this.constant(name, 1, dims, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }

  ints(...values: readonly number[]): string {
    const name = `ints.${values.join('_')}`;
    return this.constant(name, 7, [values.length], new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
  }

  scalar(value: number): string {
    return this.constant(`scalar.${value}`, 1, [], new Uint8Array(Float32Array.of(value).buffer));
  }

  integer(value: number): string {
    return this.constant(`integer.${value}`, 7, [], new Uint8Array(BigInt64Array.of(BigInt(value)).buffer));
  }

  /** Adds a node with one output and returns that output's name. */
  add(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    output = `t${this.count++}`,
  ): string {
    this.addMany(op, inputs, [output], attributes);
    return output;
  }

  addMany(
    op: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): void {
    const contrib = op === 'FusedMatMul';
    this.nodes.push(
      bytesField(
        1,
        ...inputs.map((name) => text(1, name)),
        ...outputs.map((name) => text(2, name)),
        text(3, `node${this.nodes.length}`),
        text(4, op),
        ...Object.entries(attributes).map(([name, value]) => bytesField(5, attribute(name, value))),
        ...(contrib ? [text(7, 'com.microsoft')] : []),
      ),
    );
  }

  split(input: string, sizes: readonly number[]): readonly string[] {
    const outputs = sizes.map(() => `t${this.count++}`);
    this.addMany('Split', [input, this.ints(...sizes)], outputs, { axis: -1 });
    return outputs;
  }

  /** The model file. */
  finish(
    inputs: readonly Port[],
    outputs: readonly Port[],
    options: { readonly opset: number; readonly metadata?: Readonly<Record<string, string>> },
  ): Uint8Array {
    const graph = joinBytes([
      ...this.nodes,
      text(2, 'test'),
      ...[...this.constants.values()].map((tensor) => bytesField(5, tensor)),
      ...inputs.map((port) => bytesField(11, valueInfo(port))),
      ...outputs.map((port) => bytesField(12, valueInfo(port))),
    ]);
    const opset = (domain: string, version: number): Uint8Array =>
      bytesField(8, text(1, domain), varintField(2, version));
    return joinBytes([
      varintField(1, 10),
      text(2, 'tessera-test'),
      bytesField(7, graph),
      opset('', options.opset),
      opset('com.microsoft', 1),
      ...Object.entries(options.metadata ?? {}).map(([key, value]) =>
        bytesField(14, text(1, key), text(2, value)),
      ),
    ]);
  }

  private constant(name: string, type: number, dims: readonly number[], raw: Uint8Array): string {
    if (!this.constants.has(name))
      this.constants.set(
        name,
        joinBytes([
          ...dims.map((dimension) => varintField(1, dimension)),
          varintField(2, type),
          text(8, name),
          bytesField(9, raw),
        ]),
      );
    return name;
  }
}

function attribute(name: string, value: Attribute): Uint8Array {
  const typed = (type: number, ...parts: readonly Uint8Array[]): Uint8Array =>
    joinBytes([text(1, name), ...parts, varintField(20, type)]);
  if (typeof value === 'string') return typed(3, text(4, value));
  if (typeof value === 'number') return typed(2, varintField(3, value));
  if ('float' in value) {
    const bytes = new Uint8Array(Float32Array.of(value.float).buffer);
    return typed(1, joinBytes([varintBytes(2 * 8 + 5), bytes]));
  }
  return typed(7, ...value.map((each) => varintField(8, each)));
}

function valueInfo({ name, type, shape }: Port): Uint8Array {
  const dims = shape.map((each) =>
    bytesField(1, typeof each === 'number' ? varintField(1, each) : text(2, each)),
  );
  const tensor = joinBytes([varintField(1, type), bytesField(2, ...dims)]);
  return joinBytes([text(1, name), bytesField(2, bytesField(1, tensor))]);
}
