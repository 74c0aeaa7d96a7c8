// A random model in the layout of transformers.js with its embeddings in a graph of their own.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OnnxWriter } from './onnxWriter';
import { qwenModel, writeQwenFolder, type RandomWeights } from './randomModel';

/** The graph that turns ids into embeddings, as transformers.js keeps it apart. */
export function embeddingModel(w: RandomWeights): Uint8Array {
  const { vocabulary, width } = w.shape;
  const g = new OnnxWriter();
  const table = g.floats('embedding', [vocabulary, width], w.get('embedding', vocabulary, width));
  g.add('Gather', [table, 'input_ids'], {}, 'inputs_embeds');
  return g.finish(
    [{ name: 'input_ids', type: 7, shape: ['batch_size', 'sequence_length'] }],
    [{ name: 'inputs_embeds', type: 1, shape: ['batch_size', 'sequence_length', width] }],
    { opset: 14 },
  );
}

/** A user's folder as transformers.js lays it out: decoder_model_merged.onnx with embed_tokens.onnx. */
export function writeMergedFolder(folder: string, w: RandomWeights): void {
  writeQwenFolder(folder, w);
  rmSync(join(folder, 'onnx', 'model.onnx'));
  writeFileSync(join(folder, 'onnx', 'decoder_model_merged.onnx'), qwenModel(w, 14, true));
  writeFileSync(join(folder, 'onnx', 'embed_tokens.onnx'), embeddingModel(w));
}
