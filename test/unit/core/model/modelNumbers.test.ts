// The small exact parts: half precision, embedding rows, ONNX files, scores of a text.
import { describe, expect, it } from 'vitest';
import { cutEmbedding } from '../../../../src/core/model/embeddingCut';
import { embeddingTable } from '../../../../src/core/model/embeddingTable';
import { stepMilliseconds } from '../../../../src/core/model/languageModel';
import { readOnnx } from '../../../../src/core/model/onnxFile';
import { varintField, wireFields } from '../../../../src/core/model/protobufWire';
import { halfToNumber, numberToHalf } from '../../../../src/core/model/tensorSession';
import { mulberry, qwenModel, randomWeights, SMALL, treeModel } from './randomModel';

const SEED = 11;

describe('half precision', () => {
  it('reads every finite half and writes it back to the same bits', () => {
    for (let bits = 0; bits < 65536; bits++) {
      const value = halfToNumber(bits);
      if (!Number.isNaN(value)) expect(numberToHalf(value)).toBe(bits);
    }
  });

  it('knows the published constants and rounds to the nearest', () => {
    expect(halfToNumber(0x3c00)).toBe(1);
    expect(halfToNumber(0x7bff)).toBe(65504);
    expect(halfToNumber(0x0001)).toBe(2 ** -24);
    expect(numberToHalf(1 + 2 ** -11)).toBe(0x3c00);
    expect(numberToHalf(1 + 3 * 2 ** -11)).toBe(0x3c02);
    expect(numberToHalf(1e9)).toBe(0x7c00);
  });
});

describe('embedding table', () => {
  it('reads rows of every storage', () => {
    const floats = embeddingTable(2, 3, { kind: 'float32', data: Float32Array.of(1, 2, 3, 4, 5, 6) });
    expect([...(floats.read([1, 0]) as Float32Array)]).toEqual([4, 5, 6, 1, 2, 3]);
    const halves = embeddingTable(1, 2, { kind: 'float16', data: Uint16Array.of(0x3c00, 0xc000) });
    expect([...(halves.read([0]) as Float32Array)]).toEqual([1, -2]);
    const brain = embeddingTable(1, 2, { kind: 'bfloat16', data: Uint16Array.of(0x3f80, 0xc000) });
    expect([...(brain.read([0]) as Float32Array)]).toEqual([1, -2]);
    // Width 3 in blocks of 2: the last block is half empty.
    const blocks = embeddingTable(1, 3, {
      kind: 'blocks8',
      data: Uint8Array.of(129, 127, 130, 0),
      scales: Float32Array.of(0.5, 10),
      block: 2,
    });
    expect([...(blocks.read([0]) as Float32Array)]).toEqual([0.5, -0.5, 20]);
    expect(() => floats.read([2])).toThrow(RangeError);
  });
});

describe('ONNX files', () => {
  const bytes = qwenModel(randomWeights(SMALL, SEED));

  it('are read back as they were written', () => {
    const reading = readOnnx(bytes);
    if (!reading.ok) throw new Error(reading.reason);
    const { model } = reading;
    expect(model.opsets.get('')).toBe(14);
    expect(model.inputs.map(({ name }) => name).slice(0, 3)).toEqual([
      'input_ids',
      'attention_mask',
      'position_ids',
    ]);
    expect(model.inputs.find(({ name }) => name === 'past_key_values.0.key')?.shape).toEqual([
      'batch_size',
      SMALL.kvHeads,
      'past_sequence_length',
      SMALL.width / SMALL.heads,
    ]);
    expect(model.initialisers.get('model.embed_tokens.weight')?.dims).toEqual([
      SMALL.vocabulary,
      SMALL.width,
    ]);
  });

  it('are cut at the embedding and keep the reader of the ids', () => {
    const reading = readOnnx(bytes);
    if (!reading.ok) throw new Error(reading.reason);
    const cut = cutEmbedding(reading.model);
    expect(cut?.keepsIds).toBe(true);
    const again = readOnnx(cut!.bytes);
    if (!again.ok) throw new Error(again.reason);
    expect(again.model.nodes.length).toBe(reading.model.nodes.length - 1);
    const added = again.model.inputs.find(({ name }) => name === cut!.input);
    expect(added?.shape).toEqual(['batch_size', 'sequence_length', SMALL.width]);
    // A graph that takes embeddings already is left alone.
    const own = readOnnx(treeModel(randomWeights(SMALL, SEED)));
    expect(own.ok && cutEmbedding(own.model)).toBeUndefined();
  });

  it(`never crash the reader when they are damaged (seed ${SEED})`, () => {
    const random = mulberry(SEED);
    for (let trial = 0; trial < 300; trial++) {
      const damaged = bytes.slice(0, Math.floor(random() * bytes.length));
      for (let i = 0; i < 5 && damaged.length > 0; i++)
        damaged[Math.floor(random() * Math.min(4000, damaged.length))] = Math.floor(random() * 256);
      const reading = readOnnx(damaged);
      expect(typeof reading.ok).toBe('boolean');
    }
  });

  it('keep numbers exact up to 2^53 and negative ones in two’s complement', () => {
    for (const value of [0, 127, 128, 2 ** 32, Number.MAX_SAFE_INTEGER])
      expect([...wireFields(varintField(3, value))][0]).toMatchObject({ field: 3, value });
    expect(varintField(1, -1).length).toBe(11);
  });
});

describe('step cost', () => {
  it('is read between and beyond the measured points', () => {
    const cost = {
      nodes: [1, 3, 5],
      milliseconds: [1, 2, 6],
      contextTokens: 512,
      prefillMillisecondsPerToken: 0.1,
    };
    expect([1, 2, 4, 6].map((nodes) => stepMilliseconds(cost, nodes))).toEqual([1, 1.5, 4, 8]);
  });
});
