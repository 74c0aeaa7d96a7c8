// Small random transformers as ONNX files, in two layouts from the same weights: Tessera's tree graph and the decoder
// layout of optimum (Qwen2: ids in, past_key_values in, present out, causal mask from attention_mask, RoPE by halves).
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OnnxWriter, type Port } from './onnxWriter';

export interface RandomModelShape {
  readonly vocabulary: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly ffn: number;
  readonly context: number;
}

export const SMALL: RandomModelShape = {
  vocabulary: 97,
  width: 32,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  ffn: 48,
  context: 512,
};

export interface RandomWeights {
  readonly shape: RandomModelShape;
  readonly seed: number;
  /** [rows, columns] by name; norms are [1, width]. */
  get(name: string, rows: number, columns: number): Float32Array;
}

export function mulberry(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function randomWeights(shape: RandomModelShape, seed: number): RandomWeights {
  const known = new Map<string, Float32Array>();
  return {
    shape,
    seed,
    get: (name, rows, columns) => {
      const found = known.get(name);
      if (found !== undefined) return found;
      let hash = seed;
      for (const character of name) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
      const random = mulberry(hash);
      // Sum of uniforms: close enough to a normal of the usual scale.
      const scale = name === 'embedding' ? 1 : 1.6 / Math.sqrt(rows);
      const made = Float32Array.from(
        { length: rows * columns },
        () => (random() + random() + random() + random() - 2) * scale * 1.7,
      );
      if (name.endsWith('norm')) made.forEach((value, i) => (made[i] = 1 + 0.1 * value));
      known.set(name, made);
      return made;
    },
  };
}

function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = data[r * columns + c]!;
  return out;
}

function ropeTables(
  g: OnnxWriter,
  context: number,
  size: number,
  doubled: boolean,
): readonly [string, string] {
  const half = size / 2;
  const columns = doubled ? size : half;
  const make = (f: (x: number) => number): Float32Array =>
    Float32Array.from({ length: context * columns }, (_, i) => {
      const angle = Math.floor(i / columns) * 10000 ** (-((i % columns) % half) / half);
      return f(angle);
    });
  return [
    g.floats('cos', [context, columns], make(Math.cos)),
    g.floats('sin', [context, columns], make(Math.sin)),
  ];
}

/** Tessera's layout, float32. */
export function treeModel(w: RandomWeights): Uint8Array {
  const s = w.shape;
  const g = new OnnxWriter();
  const d = s.width / s.heads;
  const group = s.heads / s.kvHeads;
  const kv = s.kvHeads * d;
  const [cos, sin] = ropeTables(g, s.context, d, false);
  const positions = g.add('Unsqueeze', ['positions', g.ints(0)]);
  const rows = g.add('Shape', ['inputs_embeds'], { start: 0, end: 1 });
  const cached = g.add('Shape', ['past_key.0'], { start: 1, end: 2 });
  const parts = g.add('Concat', [cached, rows], { axis: 0 });
  const total = g.add('Shape', ['mask'], { start: 1, end: 2 });
  const tiled = g.add('Tile', [g.add('Unsqueeze', ['mask', g.ints(1)]), g.ints(1, group, 1)]);
  const mask = g.add('Reshape', [tiled, g.add('Concat', [g.ints(1, -1), total], { axis: 0 })]);
  const matrix = (name: string, inner: number, outer: number): string =>
    g.floats(name, [inner, outer], w.get(name, inner, outer));
  const norm = (x: string, name: string): string =>
    g.add('RMSNormalization', [x, g.floats(name, [s.width], w.get(name, 1, s.width))], {
      axis: -1,
      epsilon: { float: 1e-6 },
    });
  let x = 'inputs_embeds';
  for (let i = 0; i < s.layers; i++) {
    const h = norm(x, `${i}.attention_norm`);
    const project = (name: string, outer: number): string =>
      g.add('MatMul', [h, matrix(`${i}.${name}`, s.width, outer)]);
    const turn = (y: string, heads: number): string =>
      g.add('RotaryEmbedding', [g.add('Reshape', [y, g.ints(1, -1, heads * d)]), cos, sin, positions], {
        num_heads: heads,
      });
    const q0 = g.add('Reshape', [turn(project('q', s.width), s.heads), g.ints(-1, s.kvHeads, group, d)]);
    const q = g.add('Reshape', [g.add('Transpose', [q0], { perm: [1, 0, 2, 3] }), g.ints(s.kvHeads, -1, d)]);
    const heads = (y: string): string => g.add('Reshape', [y, g.ints(-1, s.kvHeads, d)]);
    const k = g.add(
      'Transpose',
      [heads(turn(project('k', kv), s.kvHeads))],
      { perm: [1, 0, 2] },
      `new_key.${i}`,
    );
    const v = g.add('Transpose', [heads(project('v', kv))], { perm: [1, 0, 2] }, `new_value.${i}`);
    const product = (other: string): string =>
      g.add('FusedMatMul', [q, other], { transB: 1, alpha: { float: 1 / Math.sqrt(d) } });
    const scores = g.add('Concat', [product(`past_key.${i}`), product(k)], { axis: -1 });
    const weights = g.add('Softmax', [g.add('Add', [scores, mask])], { axis: -1 });
    g.addMany('Split', [weights, parts], [`old.${i}`, `own.${i}`], { axis: -1 });
    const mixed = g.add('Add', [
      g.add('MatMul', [`old.${i}`, `past_value.${i}`]),
      g.add('MatMul', [`own.${i}`, v]),
    ]);
    const back = g.add('Transpose', [g.add('Reshape', [mixed, g.ints(s.kvHeads, -1, group, d)])], {
      perm: [1, 0, 2, 3],
    });
    const merged = g.add('Reshape', [back, g.ints(-1, s.width)]);
    x = g.add('Add', [x, g.add('MatMul', [merged, matrix(`${i}.o`, s.width, s.width)])]);
    x = feedForward(g, w, x, norm(x, `${i}.ffn_norm`), i, matrix);
  }
  const last = norm(g.add('Gather', [x, 'logit_rows'], { axis: 0 }), 'final_norm');
  const table = w.get('embedding', s.vocabulary, s.width);
  const head = g.floats('head.weight', [s.width, s.vocabulary], transposed(table, s.vocabulary, s.width));
  g.add('MatMul', [last, head], {}, 'logits');
  const layers = Array.from({ length: s.layers }, (_, i) => i);
  const port = (name: string, type: number, shape: Port['shape']): Port => ({ name, type, shape });
  return g.finish(
    [
      port('inputs_embeds', 1, ['N', s.width]),
      port('positions', 7, ['N']),
      port('mask', 1, ['N', 'S']),
      port('logit_rows', 7, ['R']),
      ...layers.flatMap((i) => [
        port(`past_key.${i}`, 1, [s.kvHeads, 'C', d]),
        port(`past_value.${i}`, 1, [s.kvHeads, 'C', d]),
      ]),
    ],
    [
      port('logits', 1, ['R', s.vocabulary]),
      ...layers.flatMap((i) => [
        port(`new_key.${i}`, 1, [s.kvHeads, 'N', d]),
        port(`new_value.${i}`, 1, [s.kvHeads, 'N', d]),
      ]),
    ],
    {
      opset: 23,
      metadata: {
        'tessera.layout': 'tree-1',
        'tessera.context': String(s.context),
        'tessera.layers': String(s.layers),
        'tessera.kv_heads': String(s.kvHeads),
        'tessera.head_size': String(d),
        'tessera.width': String(s.width),
        'tessera.vocabulary': String(s.vocabulary),
        'tessera.bits': '32',
        'tessera.block': '64',
      },
    },
  );
}

function feedForward(
  g: OnnxWriter,
  w: RandomWeights,
  x: string,
  h: string,
  layer: number,
  matrix: (name: string, inner: number, outer: number) => string,
): string {
  const { width, ffn } = w.shape;
  const gate = g.add('MatMul', [h, matrix(`${layer}.gate`, width, ffn)]);
  const up = g.add('MatMul', [h, matrix(`${layer}.up`, width, ffn)]);
  const hidden = g.add('Mul', [g.add('Mul', [gate, g.add('Sigmoid', [gate])]), up]);
  return g.add('Add', [x, g.add('MatMul', [hidden, matrix(`${layer}.down`, ffn, width)])]);
}

/**
 * The layout that optimum exports for Qwen2ForCausalLM (text-generation-with-past), opset 14, float32. With `embeds` it is
 * a decoder that takes embeddings, as transformers.js keeps it beside an embed_tokens graph.
 */
export function qwenModel(w: RandomWeights, opset = 14, embeds = false): Uint8Array {
  const s = w.shape;
  const g = new OnnxWriter();
  const d = s.width / s.heads;
  const group = s.heads / s.kvHeads;
  const [cosTable, sinTable] = ropeTables(g, s.context, d, true);
  let x = 'inputs_embeds';
  if (!embeds) {
    const table = w.get('embedding', s.vocabulary, s.width);
    const embedding = g.floats('model.embed_tokens.weight', [s.vocabulary, s.width], table);
    x = g.add('Gather', [embedding, 'input_ids'], {}, '/model/embed_tokens/Gather_output_0');
  }
  // The length of the new part comes from the ids, as in exported graphs: the cut must keep this reader working.
  const length = g.add('Gather', [g.add('Shape', [embeds ? 'inputs_embeds' : 'input_ids']), g.integer(1)], {
    axis: 0,
  });
  const total = g.add('Gather', [g.add('Shape', ['attention_mask']), g.integer(1)], { axis: 0 });
  const past = g.add('Sub', [total, length]);
  const range = g.add('Range', [g.integer(0), total, g.integer(1)]);
  const newRange = g.add('Add', [g.add('Range', [g.integer(0), length, g.integer(1)]), past]);
  const later = g.add('Greater', [
    g.add('Unsqueeze', [range, g.ints(0)]),
    g.add('Unsqueeze', [newRange, g.ints(1)]),
  ]);
  const causal = g.add('Mul', [g.add('Cast', [later], { to: 1 }), g.scalar(-1e9)]);
  const absent = g.add('Sub', [g.scalar(1), g.add('Cast', ['attention_mask'], { to: 1 })]);
  const padding = g.add('Unsqueeze', [g.add('Mul', [absent, g.scalar(-1e9)]), g.ints(1, 2)]);
  const mask = g.add('Add', [causal, padding]);
  const cos = g.add('Unsqueeze', [g.add('Gather', [cosTable, 'position_ids']), g.ints(1)]);
  const sin = g.add('Unsqueeze', [g.add('Gather', [sinTable, 'position_ids']), g.ints(1)]);
  const matrix = (name: string, inner: number, outer: number): string =>
    g.floats(name, [inner, outer], w.get(name, inner, outer));
  const norm = (y: string, name: string): string => {
    const mean = g.add('ReduceMean', [g.add('Pow', [y, g.scalar(2)])], { axes: [-1], keepdims: 1 });
    const root = g.add('Sqrt', [g.add('Add', [mean, g.scalar(1e-6)])]);
    return g.add('Mul', [g.floats(name, [s.width], w.get(name, 1, s.width)), g.add('Div', [y, root])]);
  };
  const rotate = (y: string): string => {
    const part = (from: number, to: number): string =>
      g.add('Slice', [y, g.ints(from), g.ints(to), g.ints(3), g.ints(1)]);
    const turned = g.add('Concat', [g.add('Neg', [part(d / 2, d)]), part(0, d / 2)], { axis: -1 });
    return g.add('Add', [g.add('Mul', [y, cos]), g.add('Mul', [turned, sin])]);
  };
  for (let i = 0; i < s.layers; i++) {
    const h = norm(x, `${i}.attention_norm`);
    const heads = (name: string, count: number): string => {
      const y = g.add('MatMul', [h, matrix(`${i}.${name}`, s.width, count * d)]);
      return g.add('Transpose', [g.add('Reshape', [y, g.ints(0, 0, count, d)])], { perm: [0, 2, 1, 3] });
    };
    const q = rotate(heads('q', s.heads));
    const join = (kind: string, fresh: string): string =>
      g.add('Concat', [`past_key_values.${i}.${kind}`, fresh], { axis: 2 }, `present.${i}.${kind}`);
    const repeat = (y: string): string => {
      const wide = g.add(
        'Concat',
        Array.from({ length: group }, () => g.add('Unsqueeze', [y, g.ints(2)])),
        {
          axis: 2,
        },
      );
      return g.add('Reshape', [wide, g.ints(0, s.heads, -1, d)]);
    };
    const k = repeat(join('key', rotate(heads('k', s.kvHeads))));
    const v = repeat(join('value', heads('v', s.kvHeads)));
    const scores = g.add('MatMul', [q, g.add('Transpose', [k], { perm: [0, 1, 3, 2] })]);
    const scaled = g.add('Add', [g.add('Div', [scores, g.scalar(Math.sqrt(d))]), mask]);
    const mixed = g.add('MatMul', [g.add('Softmax', [scaled], { axis: -1 }), v]);
    const merged = g.add('Reshape', [
      g.add('Transpose', [mixed], { perm: [0, 2, 1, 3] }),
      g.ints(0, 0, s.width),
    ]);
    x = g.add('Add', [x, g.add('MatMul', [merged, matrix(`${i}.o`, s.width, s.width)])]);
    x = feedForward(g, w, x, norm(x, `${i}.ffn_norm`), i, matrix);
  }
  const head = g.floats(
    'lm_head.weight',
    [s.width, s.vocabulary],
    transposed(w.get('embedding', s.vocabulary, s.width), s.vocabulary, s.width),
  );
  g.add('MatMul', [norm(x, 'final_norm'), head], {}, 'logits');
  const layers = Array.from({ length: s.layers }, (_, i) => i);
  const pastShape = ['batch_size', s.kvHeads, 'past_sequence_length', d];
  const kinds = ['key', 'value'];
  return g.finish(
    [
      embeds
        ? { name: 'inputs_embeds', type: 1, shape: ['batch_size', 'sequence_length', s.width] }
        : { name: 'input_ids', type: 7, shape: ['batch_size', 'sequence_length'] },
      { name: 'attention_mask', type: 7, shape: ['batch_size', 'total_sequence_length'] },
      { name: 'position_ids', type: 7, shape: ['batch_size', 'sequence_length'] },
      ...layers.flatMap((i) =>
        kinds.map((kind) => ({ name: `past_key_values.${i}.${kind}`, type: 1, shape: pastShape })),
      ),
    ],
    [
      { name: 'logits', type: 1, shape: ['batch_size', 'sequence_length', s.vocabulary] },
      ...layers.flatMap((i) =>
        kinds.map((kind) => ({ name: `present.${i}.${kind}`, type: 1, shape: pastShape })),
      ),
    ],
    { opset },
  );
}

/** A byte-level tokenizer.json whose tokens are single bytes; `special` are added behind them. */
export function byteTokenizerJson(size: number, special: readonly string[]): string {
  const characters = Array.from({ length: size - special.length }, (_, i) => String.fromCharCode(33 + i));
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((content, i) => ({
      id: characters.length + i,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(characters.map((text, id) => [text, id])),
      merges: [],
    },
  });
}

export const QWEN_SPECIALS = [
  '<|endoftext|>',
  '<|fim_prefix|>',
  '<|fim_suffix|>',
  '<|fim_middle|>',
  '<|fim_pad|>',
  '<|im_end|>',
];

/** A user's folder: config.json, generation_config.json, tokenizer.json, onnx/model.onnx. */
export function writeQwenFolder(folder: string, w: RandomWeights): void {
  const s = w.shape;
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  writeFileSync(join(folder, 'onnx', 'model.onnx'), qwenModel(w));
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify({
      architectures: ['Qwen2ForCausalLM'],
      model_type: 'qwen2',
      hidden_size: s.width,
      num_attention_heads: s.heads,
      num_key_value_heads: s.kvHeads,
      num_hidden_layers: s.layers,
      max_position_embeddings: s.context,
      bos_token_id: s.vocabulary - QWEN_SPECIALS.length,
      eos_token_id: s.vocabulary - QWEN_SPECIALS.length,
    }),
  );
  writeFileSync(
    join(folder, 'generation_config.json'),
    JSON.stringify({ eos_token_id: [s.vocabulary - 1, s.vocabulary - 6] }),
  );
  writeFileSync(join(folder, 'tokenizer.json'), byteTokenizerJson(s.vocabulary, QWEN_SPECIALS));
}

/** A folder in Tessera's own layout, without checksums. */
export function writeTreeFolder(folder: string, w: RandomWeights): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), treeModel(w));
  writeFileSync(join(folder, 'tokenizer.json'), byteTokenizerJson(w.shape.vocabulary, ['<|endoftext|>']));
  writeFileSync(
    join(folder, 'manifest.json'),
    JSON.stringify({ layout: 'tessera-tree-1', name: 'random', contextLength: w.shape.context, files: [] }),
  );
}
