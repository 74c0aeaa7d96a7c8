// The data behind the "why" views: which covers the cursor has and what they weigh, what other ways of prompting would have
// said about the next byte, the superposition weights over the steps, and the drafts as one tree.
import type { Cancellation, LmSession } from '../model/languageModel';
import { nextByteAll } from './allPathsDistribution';
import type { ComparedNextByte } from './byteComparisons';
import { nextByteHealing, nextByteTokenLevel } from './byteComparisons';
import type { ByteLevelState, NextByte, ScoredCovers } from './byteDistribution';
import type { ByteVocabulary } from './byteVocabulary';
import { vocabularyIndex } from './byteVocabulary';
import type { Draft } from './draftRanking';
import type { SuperposedStep } from './superposedDrafts';

/** One left context in the covers table. */
export interface CoverRow {
  /** Tokens after the safe boundary. */
  readonly left: readonly number[];
  /** Bytes of the tail that the overhanging token starts with. */
  readonly overhang: number;
  /** Share of this left context in the mass of all covers, 0 to 1. */
  readonly share: number;
  /** Its heaviest overhanging tokens with their shares of all covers. */
  readonly tokens: readonly { readonly id: number; readonly share: number }[];
}

/** A node of the draft tree: drafts with a common start share it. */
export interface DraftTreeNode {
  readonly id: number;
  readonly logProb: number;
  /** Numbers of the drafts that pass through, in ranked order. */
  readonly drafts: readonly number[];
  readonly children: readonly DraftTreeNode[];
}

export interface NextByteComparison {
  /** P_canon: the sum over the token paths that the tokenizer can produce. */
  readonly exact: NextByte;
  /** P_all: the sum over every token path that spells the text; undefined when it was not finished within its rows. */
  readonly allPaths: NextByte | undefined;
  /** Undefined when the text ends inside a character. */
  readonly tokenLevel: ComparedNextByte | undefined;
  readonly healing: ComparedNextByte | undefined;
}

export interface DraftExplanation {
  /** Bytes from the last safe boundary to the cursor. */
  readonly tail: Uint8Array;
  readonly covers: readonly CoverRow[];
  readonly nextByte: NextByteComparison;
  readonly steps: readonly SuperposedStep[];
  readonly tree: readonly DraftTreeNode[];
}

const TOKENS_SHOWN = 8;

/** Left contexts with their shares and heaviest tokens, heaviest left first. */
export function coverTable(scored: ScoredCovers, vocabulary: ByteVocabulary): CoverRow[] {
  const index = vocabularyIndex(vocabulary);
  const unit = Math.max(...scored.lefts.map((left) => left.logWeight));
  let total = 0;
  const rows = scored.lefts.map(({ left, logWeight, logits, logTotal }) => {
    let mass = 0;
    const best: { id: number; share: number }[] = [];
    for (let i = left.low; i < left.high; i++) {
      const id = index.order[i]!;
      const share = Math.exp(logits[id]! + logWeight - unit - logTotal);
      if (share === 0 || !left.isViable(id)) continue;
      mass += share;
      if (best.length === TOKENS_SHOWN && share <= best[TOKENS_SHOWN - 1]!.share) continue;
      best.push({ id, share });
      best.sort((a, b) => b.share - a.share);
      best.length = Math.min(best.length, TOKENS_SHOWN);
    }
    total += mass;
    return { left: left.tokens, overhang: left.overhang, share: mass, tokens: best };
  });
  return rows
    .map((row) => ({
      ...row,
      share: row.share / total,
      tokens: row.tokens.map(({ id, share }) => ({ id, share: share / total })),
    }))
    .sort((a, b) => b.share - a.share);
}

/** Rows that the sum over all token paths may cost. */
export const ALL_PATHS_ROWS = 256;

/**
 * Next-byte distributions under exact, token-level and healed prompting, and over all token paths.
 * @param allPathsRows rows for the last one; 0 leaves it out
 */
export async function compareNextByte(
  session: LmSession,
  vocabulary: ByteVocabulary,
  state: ByteLevelState,
  context: readonly number[],
  cancellation?: Cancellation,
  allPathsRows = ALL_PATHS_ROWS,
): Promise<NextByteComparison> {
  const exact = await state.nextByteCanon(cancellation);
  const { covers } = await state.score(cancellation);
  const allPaths = await finishedSum();
  if (covers.canonical === undefined) return { exact, allPaths, tokenLevel: undefined, healing: undefined };
  const ids = [...context, ...state.trunkTokens, ...covers.canonical];
  const tokenLevel = await nextByteTokenLevel(session, vocabulary, ids, cancellation);
  const healing =
    covers.canonical.length === 0
      ? tokenLevel
      : await nextByteHealing(session, vocabulary, ids, 1, cancellation);
  return { exact, allPaths, tokenLevel, healing };

  async function finishedSum(): Promise<NextByte | undefined> {
    const before = [...context, ...state.trunkTokens];
    // A text without any token before it has no first distribution to start the paths from.
    if (allPathsRows === 0 || before.length === 0) return undefined;
    const all = await nextByteAll(session, vocabulary, before, covers.tail, {
      maxRows: allPathsRows,
      ...(cancellation === undefined ? {} : { cancellation }),
    });
    return all.exact ? all : undefined;
  }
}

/** The drafts as a forest by token ids. */
export function draftTree(drafts: readonly Draft[]): DraftTreeNode[] {
  const build = (members: readonly number[], depth: number): DraftTreeNode[] => {
    const groups = new Map<number, number[]>();
    for (const d of members) {
      const token = drafts[d]!.tokens[depth];
      if (token === undefined) continue;
      const group = groups.get(token.id);
      if (group === undefined) groups.set(token.id, [d]);
      else group.push(d);
    }
    return [...groups].map(([id, group]) => ({
      id,
      logProb: drafts[group[0]!]!.tokens[depth]!.logProb,
      drafts: group,
      children: build(group, depth + 1),
    }));
  };
  return build([...drafts.keys()], 0);
}
