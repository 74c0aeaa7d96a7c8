// Measures what a forward costs on this machine: milliseconds by number of tree nodes at a given context, and per prompt
// token. Decoders choose how many nodes to verify from it. Random ids: the cost does not depend on them.
import type { LmSession, NodeInput, StepCost } from './languageModel.js';

export interface MeasurementLimits {
  /** Tokens of context before the steps. */
  readonly contextTokens: number;
  /** Numbers of nodes to try, ascending. */
  readonly nodes: readonly number[];
  /** Stop after this long; the points measured so far are the result. */
  readonly milliseconds: number;
  readonly now: () => number;
}

/** Best of several calls for each point: other work on the machine only ever makes a call slower. */
export async function measureStepCost(session: LmSession, limits: MeasurementLimits): Promise<StepCost> {
  const { now } = limits;
  const vocabulary = session.info.vocabularySize;
  const context = Math.max(1, Math.min(limits.contextTokens, session.info.contextLength - 64));
  let state = 12345;
  const someId = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % vocabulary;
  };
  const began = now();
  // The first forward pays for allocation.
  const first = await session.prefill([someId()]);
  session.release([first.node]);
  const promptStart = now();
  const ids = Array.from({ length: context }, someId);
  const { node } = await session.prefill(ids);
  const prefillMillisecondsPerToken = (now() - promptStart) / context;
  const nodes: number[] = [];
  const milliseconds: number[] = [];
  for (const count of limits.nodes) {
    if (nodes.length > 0 && now() - began > limits.milliseconds) break;
    let best = Infinity;
    for (let trial = 0; trial < 6; trial++) {
      // Siblings with different ids: the shape of k drafts that share a prompt.
      const inputs: NodeInput[] = Array.from({ length: count }, () => ({ parent: node, input: someId() }));
      const start = now();
      const result = await session.evaluate(inputs);
      best = Math.min(best, now() - start);
      session.release(result.nodes);
      if (trial > 1 && now() - began > limits.milliseconds) break;
    }
    nodes.push(count);
    milliseconds.push(best);
  }
  session.release([node]);
  return { nodes, milliseconds, contextTokens: context, prefillMillisecondsPerToken };
}
