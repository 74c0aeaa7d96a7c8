// Planting a mark while a local model writes: one logits processor a scheme, to be called after temperature, top-k and
// top-p. Each call changes the logits of the next token in place. Distortion-free schemes leave the model's distribution
// as it is over random keys; biasing ones do not, and `plantingCost` says by how much.
import type {
  AlignedKeyScheme,
  ExponentialScheme,
  FixedListScheme,
  GreenListScheme,
  Scheme,
} from '../scheme';
import { ListMembership } from '../random/listMembership';
import { TorchGenerator } from '../random/torchGenerator';
import { shannonEntropy } from '../entropyDetection';
import { inverseTransformKey } from '../schemes/kuditipudi';
import { softmax } from './distribution';
import { tournamentProcessor } from './tournamentProcessor';

/** Serves one draft, called once a token in order; `fork` copies it where a draft branches. */
export interface WatermarkProcessor {
  /** @param ids prompt and draft so far. @param logits of the next token, vocabulary-sized, changed in place. */
  readonly apply: (ids: ArrayLike<number>, logits: Float32Array) => void;
  readonly fork: () => WatermarkProcessor;
}

export interface PlantingOptions {
  /** Where a key sequence starts (Kuditipudi): a random number from 0 to n - 1 the caller draws. Default 0. */
  readonly offset?: number;
}

/** A fresh processor for one draft. */
export function createWatermarkProcessor(scheme: Scheme, options: PlantingOptions = {}): WatermarkProcessor {
  switch (scheme.family) {
    case 'green-list':
      return stateless(greenListBias(scheme));
    case 'fixed-list':
      return stateless(fixedListBias(scheme));
    case 'tournament':
      return tournamentProcessor(scheme);
    case 'exponential':
      return stateless(exponentialChoice(scheme));
    case 'aligned-key':
      return alignedChoice(scheme, options.offset ?? 0);
  }
}

type Apply = WatermarkProcessor['apply'];

function stateless(apply: Apply): WatermarkProcessor {
  const processor: WatermarkProcessor = { apply, fork: () => processor };
  return processor;
}

/** Token numbers by falling logit, ties by number; at most `count`. */
export function topTokens(logits: Float32Array, count: number): number[] {
  const order = Array.from(logits, (_, token) => token);
  order.sort((a, b) => logits[b]! - logits[a]! || a - b);
  return order.slice(0, count);
}

/** Ids that the scheme would favour after this context, ascending; empty where the context is too short. */
export function favouredTokens(
  scheme: GreenListScheme,
  ids: ArrayLike<number>,
  logits: Float32Array,
): number[] {
  const context = Array.from(ids);
  if (context.length < scheme.prefixLength) return [];
  const lists = new ListMembership(scheme.vocabularySize, scheme.listSize, scheme.fromTail);
  return favoured(scheme, lists, context, logits);
}

function favoured(
  scheme: GreenListScheme,
  lists: ListMembership,
  context: number[],
  logits: Float32Array,
): number[] {
  if (scheme.selfSaltTries === undefined) {
    const mask = lists.mask(scheme.seedAt(context, context.length));
    return Array.from(mask.keys()).filter((token) => mask[token] === 1);
  }
  const index = context.length;
  return topTokens(logits, scheme.selfSaltTries)
    .filter((candidate) => {
      context[index] = candidate;
      return lists.contains(scheme.seedAt(context, index), candidate);
    })
    .sort((a, b) => a - b);
}

function greenListBias(scheme: GreenListScheme): Apply {
  const lists = new ListMembership(scheme.vocabularySize, scheme.listSize, scheme.fromTail);
  return (ids, logits) => {
    const context = Array.from(ids);
    if (context.length < scheme.prefixLength) return;
    if (scheme.entropyThreshold !== undefined && shannonEntropy(softmax(logits)) <= scheme.entropyThreshold)
      return;
    for (const token of favoured(scheme, lists, context, logits)) {
      if (token < logits.length) logits[token] = logits[token]! + scheme.delta;
    }
  };
}

function fixedListBias(scheme: FixedListScheme): Apply {
  return (_, logits) => {
    const mask = scheme.mask();
    for (let token = 0; token < logits.length; token += 1) {
      if (mask[token] === 1) logits[token] = logits[token]! + scheme.delta;
    }
  };
}

/** Leaves one token possible. */
function choose(logits: Float32Array, token: number): void {
  logits.fill(-Infinity);
  logits[token] = 0;
}

/** argmax of log(xi) / p, the order of xi^(1/p), over the tokens given. */
function exponentialArgmax(
  probabilities: Float64Array,
  xi: ArrayLike<number>,
  tokens: Iterable<number>,
): number {
  let best = -1;
  let bestScore = -Infinity;
  for (const token of tokens) {
    const p = probabilities[token]!;
    if (p <= 0) continue;
    const score = Math.log(xi[token]!) / p;
    if (score > bestScore || best < 0) {
      best = token;
      bestScore = score;
    }
  }
  return Math.max(0, best);
}

function exponentialChoice(scheme: ExponentialScheme): Apply {
  return (ids, logits) => {
    if (ids.length < scheme.prefixLength) return;
    const generator = new TorchGenerator(scheme.seedAt(ids, ids.length));
    const xi = Float64Array.from({ length: logits.length }, () => generator.float32());
    choose(logits, exponentialArgmax(softmax(logits), xi, topTokens(logits, scheme.topK)));
  };
}

function alignedChoice(scheme: AlignedKeyScheme, offset: number): WatermarkProcessor {
  const order = scheme.sampling === 'inverse-transform' ? inverseTransformKey(scheme).order : undefined;
  const from = (start: number): WatermarkProcessor => {
    const rows = scheme.keyRows();
    let row = start;
    return {
      apply: (_, logits) => {
        const xi = rows(row);
        row = (row + 1) % scheme.keyLength;
        const probabilities = softmax(logits);
        if (order === undefined) choose(logits, exponentialArgmax(probabilities, xi, probabilities.keys()));
        else choose(logits, inverseTransformToken(probabilities, order, xi[0]!));
      },
      fork: () => from(row),
    };
  };
  return from(offset % scheme.keyLength);
}

/** First token, in the key's order, at which the cumulative probability reaches xi. */
function inverseTransformToken(probabilities: Float64Array, order: Int32Array, xi: number): number {
  let sum = 0;
  for (const token of order) {
    sum += probabilities[token] ?? 0;
    if (sum >= xi) return token;
  }
  return order[order.length - 1]!;
}
