// Analyses of whole texts in the worker: comparison of tokenizers, the waste report and the token diff.
import { tokenDiff } from '../core/analysis/tokenDiff';
import { compareTokenizers } from '../core/analysis/tokenizerComparison';
import { wasteReport } from '../core/analysis/wasteReport';
import type { Tokenizer } from '../core/tokenizers/tokenizer';
import { answer, refuse, type RequestHandlers } from './requestContext';
import type { TokenizerPool } from './tokenizerPool';

type AnalysisRequestName = 'compareTokenizers' | 'wasteReport' | 'tokenDiff';

export function createAnalysisRequests(tokenizers: TokenizerPool): RequestHandlers<AnalysisRequestName> {
  return {
    compareTokenizers: async ({ tokenizers: ids, text, most }, context) => {
      if (ids.length === 0) return refuse('badRequest', 'Choose at least one tokenizer to compare.');
      const loaded: Tokenizer[] = [];
      for (const id of ids) {
        if (context.cancelled()) return refuse('cancelled', 'Cancelled.');
        const tokenizer = await tokenizers.get(id);
        if (!tokenizer.ok) return tokenizer;
        loaded.push(tokenizer.value);
      }
      return answer(compareTokenizers(text, loaded, most));
    },
    wasteReport: async ({ tokenizer, text }) => {
      const loaded = await tokenizers.get(tokenizer);
      return loaded.ok ? answer(wasteReport(text, loaded.value)) : loaded;
    },
    tokenDiff: async ({ tokenizer, before, after }) => {
      const loaded = await tokenizers.get(tokenizer);
      return loaded.ok ? answer(tokenDiff(loaded.value, before, after)) : loaded;
    },
  };
}
