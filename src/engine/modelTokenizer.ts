// The tokenizer of a model folder, checked against the model: a wrong tokenizer gives fluent nonsense.
import { readFile } from 'node:fs/promises';
import { readTokenizerJsonText } from '../core/tokenizers/formats/tokenizerJsonReader';
import type { Tokenizer } from '../core/tokenizers/tokenizer';
import { vocabularyFingerprint } from '../core/model/vocabularyFingerprint';
import type { LoadedModel } from './languageModelLoader';

export type TokenizerLoading =
  { readonly ok: true; readonly tokenizer: Tokenizer } | { readonly ok: false; readonly reason: string };

/** Reads the folder's tokenizer.json. Never rejects. */
export async function loadModelTokenizer(model: LoadedModel): Promise<TokenizerLoading> {
  let text: string;
  try {
    text = await readFile(model.files.tokenizer, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: `The tokenizer of ${model.info.name} cannot be read: ${reason}` };
  }
  const result = readTokenizerJsonText(text, { name: `${model.info.name} tokenizer` });
  if (!result.ok) return { ok: false, reason: result.reason.message };
  const { tokenizer } = result;
  if (tokenizer.vocabularySize > model.info.vocabularySize)
    return {
      ok: false,
      reason: `tokenizer.json has ${tokenizer.vocabularySize} tokens and the model ${model.info.vocabularySize}: it belongs to another model. Use the tokenizer.json that came with the model.`,
    };
  const expected = model.info.tokenizerFingerprint;
  if (expected !== undefined && vocabularyFingerprint(tokenizer) !== expected)
    return {
      ok: false,
      reason: `tokenizer.json is not the one that ${model.info.name} was trained with. Use the tokenizer.json that came with the model.`,
    };
  return { ok: true, tokenizer };
}
