// Models as users have them: the layouts of optimum and transformers.js, made here with random weights and loaded by the code
// that ships. The tree graph of the same weights says what the logits must be.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  DEFAULT_LOAD_OPTIONS,
  loadLanguageModel,
  type LoadedModel,
} from '../../../src/engine/languageModelLoader';
import { writeMergedFolder } from '../core/model/mergedModel';
import {
  byteTokenizerJson,
  randomWeights,
  SMALL,
  writeQwenFolder,
  writeTreeFolder,
} from '../core/model/randomModel';

const SEED = 20261125;
const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  qwen: ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>'],
  starcoder: ['<fim_prefix>', '<fim_suffix>', '<fim_middle>'],
  deepseek: ['<｜fim▁begin｜>', '<｜fim▁hole｜>', '<｜fim▁end｜>'],
  codellama: ['▁<PRE>', '▁<SUF>', '▁<MID>'],
  codestral: ['[PREFIX]', '[SUFFIX]', '[MIDDLE]'],
};

describe('models of the user', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'tessera-user-models-'));
  const weights = randomWeights(SMALL, SEED);
  const folder = (name: string): string => join(scratch, name);
  const opened: LoadedModel[] = [];
  const load = async (name: string, changes = {}): Promise<LoadedModel> => {
    const result = await loadLanguageModel(folder(name), { ...DEFAULT_LOAD_OPTIONS, threads: 1, ...changes });
    if (!result.ok) throw new Error(result.reason);
    opened.push(result.model);
    return result.model;
  };
  const refusal = async (name: string): Promise<string> => {
    const result = await loadLanguageModel(folder(name), { ...DEFAULT_LOAD_OPTIONS, threads: 1 });
    if (!result.ok) return result.reason;
    opened.push(result.model);
    return 'loaded';
  };
  const logitsOf = async (model: LoadedModel, ids: readonly number[]): Promise<readonly number[]> =>
    Array.from((await model.openSession().prefill(ids)).logits);

  beforeAll(() => {
    writeTreeFolder(folder('tree'), weights);
    writeQwenFolder(folder('qwen'), weights);
    writeMergedFolder(folder('merged'), weights);
  });
  afterEach(async () => {
    for (const model of opened.splice(0)) await model.release();
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it('may keep their embeddings in a graph of their own: embed_tokens beside decoder_model_merged', async () => {
    const merged = await load('merged');
    expect(merged.description).toMatchObject({
      graphFile: 'decoder_model_merged.onnx',
      embeddingSize: SMALL.width,
      treeSteps: false,
    });
    const ids = [5, 17, 40, 3, 3, 90];
    const expected = await logitsOf(await load('tree'), ids);
    (await logitsOf(merged, ids)).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 3));
    // An embedding in place of an id: what superposed drafts feed.
    const session = merged.openSession();
    const { node } = await session.prefill([1, 2]);
    const row = await session.embeddingRows([33]);
    const { logits } = await session.evaluate([
      { parent: node, input: row },
      { parent: node, input: 33 },
    ]);
    logits[0]!.forEach((value, i) => expect(value).toBeCloseTo(logits[1]![i]!, 5));
  });

  it('end where their generation_config says, not only where config.json does', async () => {
    const { info } = await load('qwen');
    expect(info.endTokens).toEqual(expect.arrayContaining([SMALL.vocabulary - 1, SMALL.vocabulary - 6]));
  });

  it.each(Object.entries(FAMILIES))(
    'of the family %s are known by their special tokens',
    async (family, specials) => {
      writeQwenFolder(folder(family), weights);
      writeFileSync(join(folder(family), 'tokenizer.json'), byteTokenizerJson(SMALL.vocabulary, specials));
      const { info, description } = await load(family);
      expect(description.fimFamily).toBe(family);
      const at = SMALL.vocabulary - specials.length;
      expect([info.fim?.prefix, info.fim?.suffix, info.fim?.middle]).toEqual([at, at + 1, at + 2]);
    },
  );

  it('without such tokens say that they see the text before the cursor only', async () => {
    writeQwenFolder(folder('plain'), weights);
    writeFileSync(
      join(folder('plain'), 'tokenizer.json'),
      byteTokenizerJson(SMALL.vocabulary, ['<|endoftext|>']),
    );
    const { description } = await load('plain');
    expect(description.fimFamily).toBeUndefined();
    expect(description.limits.join(' ')).toContain('before the cursor only');
  });

  it('run in WebAssembly with the same logits', async () => {
    const ids = [8, 9, 10, 11];
    const native = await logitsOf(await load('merged', { runtime: 'native' }), ids);
    const wasm = await load('merged', { runtime: 'wasm' });
    expect(wasm.description.runtime).toBe('wasm');
    (await logitsOf(wasm, ids)).forEach((value, i) => expect(value).toBeCloseTo(native[i]!, 3));
  });

  it('are refused in words when a part is missing or says too little', async () => {
    writeMergedFolder(folder('half'), weights);
    rmSync(join(folder('half'), 'onnx', 'embed_tokens.onnx'));
    expect(await refusal('half')).toContain('embed_tokens.onnx is not beside it');
    writeMergedFolder(folder('bad-table'), weights);
    writeFileSync(join(folder('bad-table'), 'onnx', 'embed_tokens.onnx'), 'not a graph');
    expect(await refusal('bad-table')).toMatch(/damaged|ONNX/);
    writeQwenFolder(folder('config'), weights);
    writeFileSync(join(folder('config'), 'config.json'), '{"hidden_size": ');
    expect(await refusal('config')).toContain('config.json is not complete JSON');
    writeFileSync(join(scratch, 'weights.gguf'), 'GGUF');
    expect(await refusal('weights.gguf')).toContain('through its server');
    writeFileSync(join(scratch, 'weights.safetensors'), '');
    expect(await refusal('weights.safetensors')).toContain('is not an ONNX model');
  });
});
