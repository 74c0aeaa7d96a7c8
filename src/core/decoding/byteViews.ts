// Which tokenizers the byte-level engine can read, and the refusal for the others.
import type { ModelInfo } from '../model/languageModel';
import { vocabularyFingerprint } from '../model/vocabularyFingerprint';
import { BytePairTokenizer } from '../tokenizers/bytePairTokenizer';
import type { Tokenizer } from '../tokenizers/tokenizer';
import { bytePairView } from './bytePairView';
import type { ByteVocabulary } from './byteVocabulary';

export type ViewResult =
  | { readonly ok: true; readonly view: ByteVocabulary }
  | {
      readonly ok: false;
      readonly reason: 'wrongTokenizer' | 'unsupportedTokenizer';
      readonly message: string;
    };

/** The byte-level view of `tokenizer` for a model, or why there is none. */
export function byteViewFor(info: ModelInfo, tokenizer: Tokenizer): ViewResult {
  if (tokenizer.vocabularySize > info.vocabularySize) {
    return {
      ok: false,
      reason: 'wrongTokenizer',
      message:
        `The tokenizer ${tokenizer.name} has ${tokenizer.vocabularySize} ids but the model ${info.name} scores only ` +
        `${info.vocabularySize}. Load the tokenizer.json that belongs to the model.`,
    };
  }
  if (
    info.tokenizerFingerprint !== undefined &&
    info.tokenizerFingerprint !== vocabularyFingerprint(tokenizer)
  ) {
    return {
      ok: false,
      reason: 'wrongTokenizer',
      message:
        `The tokenizer ${tokenizer.name} is not the one that the model ${info.name} was trained with. ` +
        'Load the tokenizer.json that belongs to the model.',
    };
  }
  if (!(tokenizer instanceof BytePairTokenizer)) {
    return {
      ok: false,
      reason: 'unsupportedTokenizer',
      message:
        `Drafts need a byte-level byte-pair tokenizer with a split pattern that Tessera has a scanner for; ` +
        `${tokenizer.name} (${tokenizer.kind}) has none. Choose a model whose tokenizer splits like GPT-2, cl100k, ` +
        'o200k, Llama 3 or Qwen, or the model in the box.',
    };
  }
  return { ok: true, view: bytePairView(tokenizer) };
}
