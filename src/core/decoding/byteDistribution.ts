// Exact next-byte probabilities from a model over tokens (Phan et al., arXiv 2410.09303; Vieira et al., arXiv 2412.03719).
//   P(x) = sum of P(cover of x);  P(b | x) = P(x b) / (sum over bytes b' of P(x b') + P(x, end)).
// The division is needed because mass on paths that the tokenizer can never produce is dropped at every byte.
// The left contexts of all covers form a small tree after the last safe boundary: one forward with an ancestor mask.
// A `ByteLevelState` follows the user: push and pop a byte; contexts that were evaluated once are not evaluated again.
import type { CacheNode, Cancellation, LmSession, Logits, NodeInput } from '../model/languageModel';
import type { LeftContext, TailCovers } from './byteCovers';
import { findCovers } from './byteCovers';
import type { ByteVocabulary, VocabularyIndex } from './byteVocabulary';
import { vocabularyIndex } from './byteVocabulary';
import { logSumExp } from './logProbabilities';

/** Next-byte probabilities. `bytes` (256 entries) and `end` sum to 1. */
export interface NextByte {
  readonly bytes: Float64Array;
  /** Probability that the text ends here. */
  readonly end: number;
  /** log of the mass of all covers that can go on, before the division; relative to the state's first context. */
  readonly logMass: number;
}

/** A left context with the model's answer. */
export interface ScoredLeft {
  readonly left: LeftContext;
  /** log P(left), relative to the state's first context. */
  readonly logWeight: number;
  readonly logits: Logits;
  /** logSumExp of `logits`. */
  readonly logTotal: number;
  readonly node: CacheNode;
}

export interface ScoredCovers {
  readonly covers: TailCovers;
  readonly lefts: readonly ScoredLeft[];
  /** Tree rows that this evaluation computed: 0 when every left context was known. */
  readonly newRows: number;
}

interface PathNode {
  readonly token: number;
  readonly parent: PathNode | undefined;
  readonly children: Map<number, PathNode>;
  /** log P(path), relative to the first context; undefined while the model was not asked. */
  logWeight: number | undefined;
  answer: { readonly node: CacheNode; readonly logits: Logits; readonly logTotal: number } | undefined;
}

/** A left context further than this many tokens from a known one is prefilled instead of put in the tree. */
const TREE_DEPTH = 16;
/** Answers kept for typing and deleting. */
const KEPT_ANSWERS = 64;

export class ByteLevelState {
  readonly #session: LmSession;
  readonly #vocabulary: ByteVocabulary;
  readonly #index: VocabularyIndex;
  readonly #context: readonly number[];
  readonly #root: PathNode = pathNode(-1, undefined);
  readonly #answered: PathNode[] = [];
  /** Answers that the evaluation under way must not lose. */
  #pinned = new Set<PathNode>();
  #text: Uint8Array;
  #length: number;
  /** Tokens of the text up to `#trunkBytes`, a safe boundary. */
  #trunk: number[] = [];
  #trunkEnds: number[] = [];
  #scored: { readonly length: number; readonly result: ScoredCovers } | undefined;

  /**
   * @param context ids before the text (begin-of-text, fill-in-the-middle layout); specials allowed.
   * @param text bytes that follow the context, up to the cursor. It may end anywhere.
   */
  constructor(session: LmSession, vocabulary: ByteVocabulary, context: readonly number[], text: Uint8Array) {
    this.#session = session;
    this.#vocabulary = vocabulary;
    this.#index = vocabularyIndex(vocabulary);
    this.#context = context;
    this.#text = text.slice();
    this.#length = text.length;
  }

  /** The bytes so far, context excluded. */
  get text(): Uint8Array {
    return this.#text.subarray(0, this.#length);
  }

  /** Ids of the text up to the last safe boundary that was scored. */
  get trunkTokens(): readonly number[] {
    return this.#trunk;
  }

  /** The byte that the user typed or the sampler chose. */
  push(byte: number): void {
    if (this.#length === this.#text.length) {
      const grown = new Uint8Array(Math.max(64, this.#length * 2));
      grown.set(this.#text);
      this.#text = grown;
    }
    this.#text[this.#length++] = byte;
  }

  /** Takes the last byte back. RangeError when there is none. */
  pop(): void {
    if (this.#length === 0) throw new RangeError('no byte to take back');
    this.#length--;
    while (this.#trunkEnds.length > 0 && this.#trunkEnds[this.#trunkEnds.length - 1]! > this.#length) {
      this.#trunkEnds.pop();
      this.#trunk.pop();
    }
  }

  /** Covers of the text so far; no model call. */
  covers(): TailCovers {
    return findCovers(this.#vocabulary, this.text);
  }

  /** The covers with the weights of their left contexts: at most one forward. */
  async score(cancellation?: Cancellation): Promise<ScoredCovers> {
    if (this.#scored?.length === this.#length) return this.#scored.result;
    this.#scored = undefined;
    const covers = this.covers();
    const trunk = this.#trunkTo(covers.safe);
    const wanted = covers.lefts.map((left) => this.#path([...trunk, ...left.tokens]));
    this.#pinned = new Set(wanted);
    const newRows = await this.#answer(wanted, trunk.length, cancellation);
    const lefts = covers.lefts.map((left, i): ScoredLeft => {
      const { logWeight, answer } = wanted[i]!;
      return { left, logWeight: logWeight!, ...answer! };
    });
    const result = { covers, lefts, newRows };
    this.#scored = { length: this.#length, result };
    this.#prune();
    return result;
  }

  /** P_canon(next byte | text): the sum over viable covers only. */
  async nextByteCanon(cancellation?: Cancellation): Promise<NextByte> {
    const { lefts } = await this.score(cancellation);
    return nextByteOfCovers(lefts, this.#index, this.#session.info.endTokens);
  }

  /** Gives the held contexts back to the session. The state must not be used afterwards. */
  dispose(): void {
    this.#session.release(this.#answered.map((node) => node.answer!.node));
    this.#answered.length = 0;
  }

  /** Tokens of the text up to `safe`, extended from the last call. */
  #trunkTo(safe: number): readonly number[] {
    while (this.#trunkEnds.length > 0 && this.#trunkEnds[this.#trunkEnds.length - 1]! > safe) {
      this.#trunkEnds.pop();
      this.#trunk.pop();
    }
    let start = this.#trunkEnds[this.#trunkEnds.length - 1] ?? 0;
    if (start < safe) {
      const base = start;
      const rest = this.text.subarray(base);
      for (const end of this.#vocabulary.split(rest)) {
        if (base + end > safe) break;
        const ids = this.#vocabulary.encodePiece(rest.subarray(start - base, end));
        for (let i = 0; i < ids.length; i++) {
          this.#trunk.push(ids[i]!);
          start += this.#index.lengthOf(ids[i]!);
          this.#trunkEnds.push(start);
        }
      }
    }
    return this.#trunk.slice();
  }

  #path(tokens: readonly number[]): PathNode {
    let at = this.#root;
    for (const token of tokens) {
      let child = at.children.get(token);
      if (child === undefined) {
        child = pathNode(token, at);
        at.children.set(token, child);
      }
      at = child;
    }
    return at;
  }

  /** Makes sure that every wanted path has an answer; returns the number of rows computed. */
  async #answer(
    wanted: readonly PathNode[],
    trunkLength: number,
    cancellation?: Cancellation,
  ): Promise<number> {
    for (const target of wanted) {
      if (this.#distanceToAnswer(target) <= TREE_DEPTH) continue;
      // Nothing near is known: prefill up to the trunk, or up to the target where the tail itself is long.
      const depth = depthOf(target);
      const start =
        depth - trunkLength > TREE_DEPTH ? this.#commonAncestor(wanted) : ancestorAt(target, trunkLength);
      const ids = [...this.#context, ...tokensOf(start)];
      const filled = await this.#session.prefill(ids, cancellation);
      if (start.logWeight === undefined) {
        // A new origin: weights relative to the old one must not be mixed with it.
        this.#forget();
        start.logWeight = 0;
      }
      this.#setAnswer(start, filled.node, filled.logits);
    }
    const inputs: NodeInput[] = [];
    const places = new Map<PathNode, number>();
    const ordered: PathNode[] = [];
    const add = (node: PathNode): void => {
      if (node.answer !== undefined || places.has(node)) return;
      const parent = node.parent!;
      add(parent);
      places.set(node, inputs.length);
      inputs.push({ parent: parent.answer?.node ?? places.get(parent)!, input: node.token });
      ordered.push(node);
    };
    for (const target of wanted) add(target);
    if (inputs.length > 0) {
      const { nodes, logits } = await this.#session.evaluate(inputs, cancellation);
      ordered.forEach((node, i) => {
        const above = node.parent!;
        this.#setAnswer(node, nodes[i]!, logits[i]!);
        node.logWeight = above.logWeight! + above.answer!.logits[node.token]! - above.answer!.logTotal;
      });
    }
    return inputs.length;
  }

  #setAnswer(path: PathNode, node: CacheNode, logits: Logits): void {
    path.answer = { node, logits, logTotal: logSumExp(logits) };
    this.#answered.push(path);
  }

  #forget(): void {
    this.dispose();
    const clear = (node: PathNode): void => {
      node.answer = undefined;
      node.logWeight = undefined;
      for (const child of node.children.values()) clear(child);
    };
    clear(this.#root);
  }

  #distanceToAnswer(node: PathNode): number {
    let distance = 0;
    for (let at: PathNode | undefined = node; at !== undefined; at = at.parent) {
      if (at.answer !== undefined && at.logWeight !== undefined) return distance;
      distance++;
    }
    return Infinity;
  }

  #commonAncestor(wanted: readonly PathNode[]): PathNode {
    let common = wanted[0]!;
    for (const node of wanted) {
      let depth = Math.min(depthOf(common), depthOf(node));
      while (ancestorAt(common, depth) !== ancestorAt(node, depth)) depth--;
      common = ancestorAt(common, depth);
    }
    return common;
  }

  /** Forgets the oldest answers beyond the limit, but never one that the current covers stand on. */
  #prune(): void {
    for (const node of [...this.#pinned]) {
      for (let at = node.parent; at !== undefined; at = at.parent) this.#pinned.add(at);
    }
    for (let i = 0; this.#answered.length > KEPT_ANSWERS && i < this.#answered.length;) {
      const oldest = this.#answered[i]!;
      if (this.#pinned.has(oldest)) {
        i++;
        continue;
      }
      this.#session.release([oldest.answer!.node]);
      oldest.answer = undefined;
      this.#answered.splice(i, 1);
    }
  }
}

/** Sums the mass of scored covers by the byte that comes next. */
export function nextByteOfCovers(
  lefts: readonly ScoredLeft[],
  index: VocabularyIndex,
  endTokens: readonly number[],
): NextByte {
  const bytes = new Float64Array(256);
  let end = 0;
  // The heaviest left is the unit, so that long texts do not underflow.
  const unit = Math.max(...lefts.map((scored) => scored.logWeight));
  for (const { left, logWeight, logits, logTotal } of lefts) {
    const shift = logWeight - unit - logTotal;
    for (let i = left.low; i < left.high; i++) {
      const token = index.order[i]!;
      const mass = Math.exp(logits[token]! + shift);
      if (mass > 0 && left.isViable(token)) bytes[index.byteAt(token, left.overhang)]! += mass;
    }
    if (left.mayEnd) for (const token of endTokens) end += Math.exp(logits[token]! + shift);
  }
  let total = end;
  for (const mass of bytes) total += mass;
  for (let b = 0; b < 256; b++) bytes[b]! /= total;
  return { bytes, end: end / total, logMass: Math.log(total) + unit };
}

function pathNode(token: number, parent: PathNode | undefined): PathNode {
  return { token, parent, children: new Map(), logWeight: undefined, answer: undefined };
}

function depthOf(node: PathNode): number {
  let depth = 0;
  for (let at = node.parent; at !== undefined; at = at.parent) depth++;
  return depth;
}

function ancestorAt(node: PathNode, depth: number): PathNode {
  let at = node;
  for (let steps = depthOf(node) - depth; steps > 0; steps--) at = at.parent!;
  return at;
}

function tokensOf(node: PathNode): number[] {
  const tokens: number[] = [];
  for (let at = node; at.parent !== undefined; at = at.parent) tokens.push(at.token);
  return tokens.reverse();
}
