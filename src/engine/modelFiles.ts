// Finds out what a model folder holds: the graph file to load, tokenizer, configuration, end tokens, and what is missing.
// Known layouts: Tessera's own (manifest.json, model.onnx) and that of Hugging Face optimum and transformers.js
// (config.json, tokenizer.json, onnx/model*.onnx or decoder_model_merged*.onnx with embed_tokens*.onnx).
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

export interface ModelFolder {
  readonly folder: string;
  readonly name: string;
  readonly layout: 'tessera' | 'transformers';
  /** Path of the graph and its size with its external data files, bytes. */
  readonly graph: string;
  readonly graphBytes: number;
  /** External data files beside the graph. */
  readonly dataFiles: readonly string[];
  /** Graph that turns ids into embeddings, where the export has one. */
  readonly embeddingGraph?: string;
  readonly tokenizer: string;
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly endTokens: readonly number[];
  readonly beginOfText?: number;
  readonly contextLength: number;
  readonly layers?: number;
  readonly kvHeads?: number;
  readonly headSize?: number;
  readonly tokenizerFingerprint?: string;
  /** What a reader should know: 'float16 weights are slow on a CPU'. */
  readonly limits: readonly string[];
}

export type FolderReading =
  { readonly ok: true; readonly model: ModelFolder } | { readonly ok: false; readonly reason: string };

type Json = Readonly<Record<string, unknown>>;

/** Variants of a graph in the order in which a CPU likes them; what follows `model_` in the file name. */
const VARIANTS = ['quantized', 'int8', 'q8', 'uint8', 'q4', 'bnb4', '', 'q4f16', 'fp16'];
const END_TEXTS = [
  '<|endoftext|>',
  '<|im_end|>',
  '<|eot_id|>',
  '<|end_of_text|>',
  '<EOT>',
  '▁<EOT>',
  '</s>',
  '<｜end▁of▁sentence｜>',
  '<file_sep>',
  '<|file_sep|>',
  '<fim_pad>',
  '<|fim_pad|>',
  '<|repo_name|>',
];

/**
 * Recognises a folder, or the folder of a graph file. Never rejects.
 *
 * @param options `checksums: false` leaves the files of an own model unhashed, for lists
 */
export async function readModelFolder(
  path: string,
  options: { readonly checksums: boolean } = { checksums: true },
): Promise<FolderReading> {
  const refused = (reason: string): FolderReading => ({ ok: false, reason });
  try {
    const absolute = resolve(path);
    const info = await stat(absolute).catch(() => undefined);
    if (info === undefined) return refused(`There is no file or folder ${path}.`);
    const given = info.isFile() ? absolute : undefined;
    if (given !== undefined && !given.endsWith('.onnx'))
      return refused(
        `${basename(given)} is not an ONNX model. Choose a folder with config.json, tokenizer.json and onnx/model.onnx` +
          (/\.(gguf|safetensors|bin)$/.test(given) ? '; a GGUF model can be used through its server.' : '.'),
      );
    const beside = given === undefined ? absolute : dirname(given);
    const folder = basename(beside) === 'onnx' ? dirname(beside) : beside;
    const manifest = await readJson(join(folder, 'manifest.json'));
    const config = await readJson(join(folder, 'config.json'));
    if (manifest.broken !== undefined || config.broken !== undefined)
      return refused(`${(manifest.broken ?? config.broken)!} Download the model again.`);
    if (manifest.value !== undefined && manifest.value['layout'] === 'tessera-tree-1')
      return await readOwn(folder, manifest.value, options.checksums);
    const tokenizer = join(folder, 'tokenizer.json');
    const special = await readSpecialTokens(tokenizer);
    if (typeof special === 'string') return refused(special);
    const graph = given ?? (await chooseGraph(folder));
    if (graph === undefined)
      return refused(
        `${folder} holds no ONNX graph (onnx/model.onnx or onnx/decoder_model_merged.onnx). Export it with: optimum-cli export onnx --task text-generation-with-past.`,
      );
    return { ok: true, model: await describeTransformers(folder, graph, config.value ?? {}, special) };
  } catch (error) {
    return refused(
      `The model folder ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

async function readOwn(folder: string, manifest: Json, checksums: boolean): Promise<FolderReading> {
  const files = (Array.isArray(manifest['files']) ? manifest['files'] : []) as readonly Json[];
  for (const file of files) {
    const name = text(file['path']);
    const path = join(folder, name);
    const size = (await stat(path).catch(() => undefined))?.size;
    if (size === undefined)
      return { ok: false, reason: `The model file ${name} is missing. Reinstall the model.` };
    const expected = text(file['sha256']);
    if (size !== file['bytes'] || (checksums && (await sha256OfFile(path)) !== expected))
      return {
        ok: false,
        reason: `The model file ${name} is damaged: its size or checksum is not the one in the manifest. Reinstall the model.`,
      };
  }
  const special = await readSpecialTokens(join(folder, 'tokenizer.json'));
  if (typeof special === 'string') return { ok: false, reason: special };
  const graph = join(folder, 'model.onnx');
  const fingerprint = manifest['tokenizerFingerprint'];
  return {
    ok: true,
    model: {
      folder,
      name: text(manifest['name']) || basename(folder),
      layout: 'tessera',
      graph,
      graphBytes: (await stat(graph)).size,
      dataFiles: [],
      tokenizer: join(folder, 'tokenizer.json'),
      specialTokens: special,
      endTokens: endTokens({}, {}, special),
      contextLength: number(manifest['contextLength']) ?? 1024,
      ...(typeof fingerprint === 'string' ? { tokenizerFingerprint: fingerprint } : {}),
      limits: [],
    },
  };
}

async function describeTransformers(
  folder: string,
  graph: string,
  config: Json,
  special: ReadonlyMap<string, number>,
): Promise<ModelFolder> {
  const generation = (await readJson(join(folder, 'generation_config.json'))).value ?? {};
  const tokenizerConfig = (await readJson(join(folder, 'tokenizer_config.json'))).value ?? {};
  const nested = config['text_config'];
  const c: Json = typeof nested === 'object' && nested !== null ? { ...config, ...nested } : config;
  const heads = number(c['num_attention_heads']) ?? number(c['n_head']);
  const hidden = number(c['hidden_size']) ?? number(c['n_embd']);
  const kvHeads = number(c['num_key_value_heads']) ?? heads;
  const headSize =
    number(c['head_dim']) ?? (hidden !== undefined && heads !== undefined ? hidden / heads : undefined);
  const layers = number(c['num_hidden_layers']) ?? number(c['n_layer']);
  const dataFiles = await externalFiles(graph);
  const sizes = await Promise.all([graph, ...dataFiles].map(async (file) => (await stat(file)).size));
  const embeddingGraph = await embeddingGraphOf(graph);
  const begin = number(c['bos_token_id']);
  const addsBegin = tokenizerConfig['add_bos_token'] === true && begin !== undefined;
  const limits: string[] = [];
  if (/fp16|q4f16/.test(basename(graph)))
    limits.push('Half-precision weights are slow on most CPUs; an 8-bit graph is faster.');
  const context = number(c['max_position_embeddings']) ?? number(c['n_positions']) ?? 2048;
  return {
    folder,
    name: basename(folder),
    layout: 'transformers',
    graph,
    graphBytes: sizes.reduce((a, b) => a + b, 0),
    dataFiles,
    ...(embeddingGraph === undefined ? {} : { embeddingGraph }),
    tokenizer: join(folder, 'tokenizer.json'),
    specialTokens: special,
    endTokens: endTokens(c, generation, special),
    ...(addsBegin ? { beginOfText: begin } : {}),
    contextLength: context,
    ...(layers === undefined ? {} : { layers }),
    ...(kvHeads === undefined ? {} : { kvHeads }),
    ...(headSize === undefined ? {} : { headSize }),
    limits,
  };
}

async function chooseGraph(folder: string): Promise<string | undefined> {
  for (const place of [join(folder, 'onnx'), folder]) {
    const names = new Set(await readdir(place).catch(() => [] as string[]));
    for (const stem of ['model', 'decoder_model_merged', 'decoder_with_past_model'])
      for (const variant of VARIANTS) {
        const name = `${stem}${variant === '' ? '' : `_${variant}`}.onnx`;
        if (names.has(name)) return join(place, name);
      }
  }
  return undefined;
}

async function embeddingGraphOf(graph: string): Promise<string | undefined> {
  if (!basename(graph).startsWith('decoder_')) return undefined;
  const variant = basename(graph).replace(/^decoder_[a-z_]*?model(_merged)?/, '');
  for (const name of [`embed_tokens${variant}`, 'embed_tokens.onnx', 'embed_tokens_fp16.onnx']) {
    const path = join(dirname(graph), name);
    if ((await stat(path).catch(() => undefined)) !== undefined) return path;
  }
  return undefined;
}

async function externalFiles(graph: string): Promise<readonly string[]> {
  const base = basename(graph);
  const names = await readdir(dirname(graph));
  return names
    .filter((name) => name === `${base}.data` || name.startsWith(`${base}_data`))
    .sort()
    .map((name) => join(dirname(graph), name));
}

/** Special tokens of a tokenizer.json by text, or a sentence that says what is wrong with the file. */
async function readSpecialTokens(path: string): Promise<ReadonlyMap<string, number> | string> {
  const { value, broken } = await readJson(path);
  if (broken !== undefined) return `${broken} Download the model again.`;
  if (value === undefined)
    return `${dirname(path)} has no tokenizer.json, so text cannot be turned into the model's tokens.`;
  const added = Array.isArray(value['added_tokens']) ? (value['added_tokens'] as readonly Json[]) : [];
  return new Map(added.map((token) => [text(token['content']), number(token['id']) ?? -1]));
}

function endTokens(config: Json, generation: Json, special: ReadonlyMap<string, number>): readonly number[] {
  const named = [config['eos_token_id'], generation['eos_token_id']].flat();
  const ids = [...named, ...END_TEXTS.map((content) => special.get(content))];
  return [...new Set(ids.filter((id): id is number => typeof id === 'number' && id >= 0))];
}

async function readJson(path: string): Promise<{ readonly value?: Json; readonly broken?: string }> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch {
    return {};
  }
  try {
    const value: unknown = JSON.parse(content);
    return typeof value === 'object' && value !== null ? { value: value as Json } : {};
  } catch {
    return { broken: `${basename(path)} is not complete JSON.` };
  }
}

/** Hex SHA-256 of a file, read in pieces. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
