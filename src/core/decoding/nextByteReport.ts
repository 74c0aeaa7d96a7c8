// The next byte at a cursor under exact, all-paths, token-level and healed prompting: what the command line prints and the
// panel draws.
import type { Cancellation, LmSession } from '../model/languageModel';
import { ModelStopped } from '../model/languageModel';
import type { Tokenizer } from '../tokenizers/tokenizer';
import { totalVariation } from './byteComparisons';
import { ByteLevelState } from './byteDistribution';
import { byteViewFor } from './byteViews';
import type { DraftFailure } from './completeDrafts';
import type { CoverRow } from './draftExplanation';
import { compareNextByte, coverTable } from './draftExplanation';
import type { LayoutName } from './promptLayout';
import { layoutPrompt } from './promptLayout';

/** One outcome; `byte` 256 is the end of the text. `exact` is P_canon; `allPaths` is P_all, undefined when not finished. */
export interface NextByteRow {
  readonly byte: number;
  readonly exact: number;
  readonly allPaths: number | undefined;
  readonly tokenLevel: number | undefined;
  readonly healing: number | undefined;
}

export interface NextByteReport {
  readonly ok: true;
  /** Outcomes that any method gives more than 0, most probable (exact) first. */
  readonly rows: readonly NextByteRow[];
  readonly covers: readonly CoverRow[];
  /** Bytes from the last safe boundary to the cursor. */
  readonly tail: Uint8Array;
  /** Distance to the exact answer, 0 to 1. */
  readonly allPathsDistance: number | undefined;
  readonly tokenLevelDistance: number | undefined;
  readonly healingDistance: number | undefined;
  readonly layout: LayoutName;
  readonly notes: readonly string[];
}

export type NextByteResult =
  NextByteReport | { readonly ok: false; readonly reason: DraftFailure; readonly message: string };

export interface NextByteRequest {
  readonly prefix: string;
  readonly suffix: string;
  readonly path?: string;
  /** Rows for the sum over all token paths; 0 leaves it out. Default 256. */
  readonly allPathsRows?: number;
  readonly promptTokens?: number;
  readonly cancellation?: Cancellation;
}

/** Compares the four answers at the cursor. */
export async function reportNextByte(
  session: LmSession,
  tokenizer: Tokenizer,
  request: NextByteRequest,
): Promise<NextByteResult> {
  const viewed = byteViewFor(session.info, tokenizer);
  if (!viewed.ok) return viewed;
  const { view } = viewed;
  const { cancellation } = request;
  const layout = layoutPrompt(view, session.info, {
    prefix: request.prefix,
    suffix: request.suffix,
    path: request.path,
    otherFiles: [],
    budget: Math.min(request.promptTokens ?? Infinity, session.info.contextLength - 64),
    layout: undefined,
  });
  const state = new ByteLevelState(session, view, layout.context, layout.text);
  try {
    const scored = await state.score(cancellation);
    const { tail } = scored.covers;
    const { exact, allPaths, tokenLevel, healing } = await compareNextByte(
      session,
      view,
      state,
      layout.context,
      cancellation,
      request.allPathsRows,
    );
    const pick = (p: { readonly bytes: Float64Array; readonly end: number } | undefined, byte: number) =>
      p === undefined ? undefined : byte === 256 ? p.end : p.bytes[byte]!;
    const rows: NextByteRow[] = [];
    for (let byte = 0; byte <= 256; byte++) {
      const row = {
        byte,
        exact: pick(exact, byte)!,
        allPaths: pick(allPaths, byte),
        tokenLevel: pick(tokenLevel, byte),
        healing: pick(healing, byte),
      };
      if (Object.values({ ...row, byte: 0 }).some((share) => (share ?? 0) > 0)) rows.push(row);
    }
    rows.sort((a, b) => b.exact - a.exact);
    return {
      ok: true,
      rows,
      covers: coverTable(scored, view),
      tail: tail.slice(),
      allPathsDistance: allPaths && totalVariation(exact, allPaths),
      tokenLevelDistance: tokenLevel && totalVariation(exact, tokenLevel),
      healingDistance: healing && totalVariation(exact, healing),
      layout: layout.name,
      notes: layout.notes,
    };
  } catch (error) {
    if (!(error instanceof ModelStopped)) throw error;
    return {
      ok: false,
      reason: error.reason === 'cancelled' ? 'cancelled' : 'modelStopped',
      message: error.message,
    };
  } finally {
    state.dispose();
  }
}
