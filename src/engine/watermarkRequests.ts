// The watermark check in the token worker: tokenizes with the scheme's tokenizer, runs the check in slices so that
// counting goes on meanwhile, and keeps the flags of the last few schemes for the next keystroke.
import { findHiddenCharacters } from '../core/watermark/hiddenCharacters';
import { CheckCache, watermarkCheckSteps } from '../core/watermark/watermarkCheck';
import type { Outcome, Scheme } from '../core/watermark/scheme';
import { schemeFromText } from '../core/watermark/schemeCatalogue';
import type { WatermarkAnswer, WatermarkSchemeParams } from './engineProtocol';
import { answer, refuse, type RequestHandlers } from './requestContext';
import type { TokenizerPool } from './tokenizerPool';

/** Longest stretch without a look at other requests, in milliseconds. */
const SLICE_MS = 8;
const SCHEMES_KEPT = 8;

export function createWatermarkRequests(
  tokenizers: TokenizerPool,
): RequestHandlers<'checkWatermark' | 'hiddenCharacters'> {
  const cache = new CheckCache();
  const schemes = new Map<string, Scheme>();

  /** The same settings give the same object, to which the cache is tied. */
  function schemeOf(params: WatermarkSchemeParams): Outcome<Scheme> {
    const name = JSON.stringify(params);
    const known = schemes.get(name);
    if (known !== undefined) return { ok: true, value: known };
    const { settings, ...overrides } = params;
    const scheme = schemeFromText(settings, overrides);
    if (!scheme.ok) return scheme;
    if (schemes.size >= SCHEMES_KEPT) schemes.delete([...schemes.keys()][0]!);
    schemes.set(name, scheme.value);
    return scheme;
  }

  return {
    hiddenCharacters: ({ text, limit }) => {
      const found = findHiddenCharacters(text);
      return answer({ characters: found.slice(0, limit), total: found.length });
    },
    checkWatermark: async ({ tokenizer, text, schemes: asked, options }, context) => {
      const loaded = await tokenizers.get(tokenizer);
      if (!loaded.ok) return loaded;
      const built: Scheme[] = [];
      for (const params of asked) {
        const scheme = schemeOf(params);
        if (!scheme.ok) return refuse('badRequest', scheme.reason);
        built.push(scheme.value);
      }
      const { ids, utf16Ends } = loaded.value.encodeSpans(text);
      const request = { ids, schemes: built, tokenizer: loaded.value.name, ...(options && { options }) };
      const work = watermarkCheckSteps(request, cache);
      let sliceEnd = performance.now() + SLICE_MS;
      for (;;) {
        if (context.cancelled()) return refuse('cancelled', 'Cancelled.');
        const step = work.next();
        if (step.done === true) {
          const outcome = step.value;
          if (!outcome.ok) return refuse('badRequest', outcome.reason);
          const result: WatermarkAnswer = { report: outcome.value, ids, utf16Ends };
          return answer(result);
        }
        if (performance.now() < sliceEnd) continue;
        context.progress(step.value);
        await new Promise((resolve) => setImmediate(resolve));
        sliceEnd = performance.now() + SLICE_MS;
      }
    },
  };
}
