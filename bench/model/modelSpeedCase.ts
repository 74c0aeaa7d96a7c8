// One runtime of the speed bench, in a process of its own: prints a JSON object.
import { setTimeout as pause } from 'node:timers/promises';
import { measureStepCost } from '../../src/core/model/stepCostMeasurement';
import { DEFAULT_LOAD_OPTIONS, loadLanguageModel } from '../../src/engine/languageModelLoader';
import type { RuntimeKind } from '../../src/engine/onnxRuntime';

async function main(): Promise<void> {
  const [folder, runtime, began] = process.argv.slice(2) as [string, RuntimeKind, string];
  const loading = await loadLanguageModel(folder, { ...DEFAULT_LOAD_OPTIONS, runtime });
  if (!loading.ok) throw new Error(loading.reason);
  const { model } = loading;
  const startToReadyMs = Number(process.hrtime.bigint() - BigInt(began)) / 1e6;
  const now = (): number => performance.now();
  const session = model.openSession();
  const cost = await measureStepCost(session, {
    contextTokens: 512,
    nodes: [1, 3, 8, 16, 32],
    milliseconds: 20_000,
    now,
  });
  const ids = Array.from({ length: 512 }, (_, i) => (i * 7919 + 13) % 4000);
  let prefill512Ms = Infinity;
  for (let trial = 0; trial < 8; trial++) {
    const fresh = model.openSession();
    const start = now();
    await fresh.prefill(ids);
    prefill512Ms = Math.min(prefill512Ms, now() - start);
    fresh.close();
  }
  let keystrokeMs = Infinity;
  const first = await session.prefill(ids);
  session.release([first.node]);
  for (let trial = 0; trial < 8; trial++) {
    const start = now();
    const next = await session.prefill([...ids, 5 + trial]);
    keystrokeMs = Math.min(keystrokeMs, now() - start);
    session.release([next.node]);
  }
  const tokenMs = cost.milliseconds[0]!;
  // As in the model process, which collects when it has been idle for a second.
  const inUse = process.memoryUsage.rss();
  globalThis.gc?.();
  await pause(500);
  process.stdout.write(
    JSON.stringify({
      runtime: model.description.runtimeVersion,
      model: model.description.name,
      graphBytes: model.description.graphBytes,
      startToReadyMs,
      tokenMs,
      prefill512Ms,
      keystrokeMs,
      keystrokeToToken: keystrokeMs / tokenMs,
      treeToToken: Object.fromEntries(cost.nodes.map((nodes, i) => [nodes, cost.milliseconds[i]! / tokenMs])),
      residentMegabytes: process.memoryUsage.rss() / 1e6,
      residentInUseMegabytes: inUse / 1e6,
      peakMegabytes: (process.resourceUsage().maxRSS * 1024) / 1e6,
    }),
  );
}

void main();
