// Probabilities of logits, and what a change of logits costs.

/** Probabilities in doubles; -Infinity gives 0. */
export function softmax(logits: ArrayLike<number>, temperature = 1): Float64Array {
  let largest = -Infinity;
  for (let i = 0; i < logits.length; i += 1) largest = Math.max(largest, logits[i]!);
  const probabilities = new Float64Array(logits.length);
  let sum = 0;
  for (let i = 0; i < logits.length; i += 1) {
    const value = Math.exp((logits[i]! - largest) / temperature);
    probabilities[i] = value;
    sum += value;
  }
  for (let i = 0; i < probabilities.length; i += 1) probabilities[i] = probabilities[i]! / sum;
  return probabilities;
}

/**
 * What a mark costs at one step: the model's expected log-probability (nats) of the next token without the mark minus
 * with it. 0 for no change; averaged over keys, 0 for distortion-free schemes and positive for biasing ones, because a raised
 * list flattens what the model prefers. Under one key it may be negative: the list may hold what the model prefers.
 * @param before logits of the model. @param after the same after the processor.
 */
export function plantingCost(before: ArrayLike<number>, after: ArrayLike<number>): number {
  const p = softmax(before);
  const q = softmax(after);
  let cost = 0;
  for (let i = 0; i < p.length; i += 1) if (p[i]! > 0) cost += (p[i]! - q[i]!) * Math.log(p[i]!);
  return cost;
}
