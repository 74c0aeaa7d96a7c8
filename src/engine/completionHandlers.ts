// The model process's answer to "write texts with and without a mark": the material of the stealability audit. Texts start
// from nothing, so that they are the model's own and no document is in them.
import { sampleDrafts } from '../core/watermark/planting/markedSampling';
import type { Scheme } from '../core/watermark/scheme';
import { schemeFromText } from '../core/watermark/schemeCatalogue';
import { ModelStopped } from '../core/model/languageModel';
import type { WatermarkSchemeParams } from './engineProtocol';
import type { ModelHandler } from './modelHandlers';
import { answer, refuse } from './requestContext';

/** Part of `ModelRequests`. */
export interface CompletionRequests {
  /** `count` texts of `length` tokens, sampled at temperature 1; with a mark when one is given. */
  writeCompletions: {
    params: {
      readonly count: number;
      readonly length: number;
      readonly seed: number;
      readonly watermark?: WatermarkSchemeParams;
    };
    result: { readonly texts: readonly (readonly number[])[]; readonly model: string };
  };
}

export const completionHandlers: { readonly [N in keyof CompletionRequests]: ModelHandler<N> } = {
  writeCompletions: async ({ count, length, seed, watermark }, state, context) => {
    const { loaded } = state;
    if (loaded === undefined) return refuse('badRequest', 'No model is loaded.');
    let scheme: Scheme | undefined;
    if (watermark !== undefined) {
      const { settings, ...overrides } = watermark;
      const built = schemeFromText(settings, overrides);
      if (!built.ok) return refuse('badRequest', built.reason);
      scheme = built.value;
    }
    // A session of its own: the one of the drafts keeps its prompt.
    const session = loaded.model.openSession();
    const began = performance.now();
    try {
      const prompts = Array.from({ length: count }, () => []);
      const outcome = await sampleDrafts(
        session,
        { prompts, length, scheme, temperature: 1, seed },
        context.cancellation,
        (done, total) => context.progress({ done, total }),
      );
      if (!outcome.ok) return refuse('badRequest', outcome.reason);
      state.count(count * length, performance.now() - began);
      return answer({ texts: outcome.value.map(({ ids }) => ids), model: loaded.model.info.name });
    } catch (error) {
      if (!(error instanceof ModelStopped)) throw error;
      return refuse(error.reason === 'cancelled' ? 'cancelled' : 'failed', error.message);
    } finally {
      session.close();
    }
  },
};
