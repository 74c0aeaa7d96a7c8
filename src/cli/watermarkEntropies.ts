// Entropies of a local model at each token of a text, for SWEET and EWD. The model reads the text in its own tokens; where
// the text was checked in other tokens, a token takes the entropy of the model's token that begins at the same byte.
import { textSurprise } from '../core/model/textSurprise';
import type { Tokenizer } from '../core/tokenizers/tokenizer';
import { spikeEntropy } from '../core/watermark/entropyDetection';
import { softmax } from '../core/watermark/planting/distribution';
import type { Scheme } from '../core/watermark/scheme';
import type { EntropyInput } from '../core/watermark/watermarkCheck';
import type { LoadedModel } from '../engine/languageModelLoader';

const WINDOW = 1024;

export interface ModelReading {
  readonly entropy: EntropyInput;
  /** Checked tokens without an entropy: they begin inside a token of the model. */
  readonly unknown: number;
}

/**
 * @param modelTokenizer the model's own. @param tokenizer the one the text is checked in.
 * Rejects with ModelStopped as sessions do.
 */
export async function entropiesOf(
  model: LoadedModel,
  modelTokenizer: Tokenizer,
  tokenizer: Tokenizer,
  text: string,
  scheme: Scheme,
): Promise<ModelReading> {
  const sweet = scheme.family === 'green-list' && scheme.entropyThreshold !== undefined;
  const { ids, byteEnds } = modelTokenizer.encodeSpans(text);
  const values = new Float64Array(ids.length).fill(NaN);
  const session = model.openSession();
  try {
    const scored = await textSurprise(session, ids, {
      window: Math.min(WINDOW, model.info.contextLength),
      onLogits: (index, logits) => {
        if (sweet || scheme.family !== 'green-list') return;
        values[index] = spikeEntropy(softmax(logits), scheme.gamma, scheme.delta);
      },
    });
    if (sweet) values.set(scored.entropies);
  } finally {
    session.close();
  }
  // A token begins where the one before it ends.
  const startOf = (ends: ArrayLike<number>, i: number): number => (i === 0 ? 0 : (ends[i - 1] ?? NaN));
  const byStart = new Map<number, number>();
  values.forEach((value, i) => byStart.set(startOf(byteEnds, i), value));
  const checked = tokenizer.encodeSpans(text);
  const entropies = Float64Array.from(
    checked.ids,
    (_, i) => byStart.get(startOf(checked.byteEnds, i)) ?? NaN,
  );
  const name = `${model.info.name} (local model${tokenizer === modelTokenizer ? '' : ', read in its own tokens'})`;
  return {
    entropy: { rule: sweet ? 'sweet' : 'ewd', entropies, model: name },
    unknown: entropies.filter((value) => Number.isNaN(value)).length,
  };
}
