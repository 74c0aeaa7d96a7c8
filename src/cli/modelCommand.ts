// tessera model: what a model folder holds, whether it can be used, and how fast it is here.
import type { StepCost } from '../core/model/languageModel';
import type { LoadedModel } from '../engine/languageModelLoader';
import { loadModelTokenizer } from '../engine/modelTokenizer';
import { UsageError, type CliCommand } from './cliCommand';
import { openModel, RUNTIME_OPTIONS } from './modelOption';

const MEASURE_MILLISECONDS = 3000;

export const modelCommand: CliCommand = {
  name: 'model',
  summary: 'Describe a model and time it',
  usage: '[DIR] [--json] [--threads N] [--wasm]',
  options: [{ name: 'json', summary: 'Print one JSON object' }, ...RUNTIME_OPTIONS],
  run: async (args, streams) => {
    const [folder, ...others] = args.positionals;
    if (others.length > 0) throw new UsageError('Name at most one model folder.');
    const model = await openModel(folder, args, streams);
    if (model === undefined) return 2;
    const tokenizer = await loadModelTokenizer(model);
    const cost = await model.measure(MEASURE_MILLISECONDS);
    const residentBytes = process.memoryUsage.rss();
    const problem = tokenizer.ok ? undefined : tokenizer.reason;
    if (args.flag('json'))
      await streams.out(
        `${JSON.stringify({ ...model.description, stepCost: cost, residentBytes, ...(problem === undefined ? {} : { problem }) })}\n`,
      );
    else await streams.out(page(model, cost, residentBytes, problem));
    await model.release();
    return problem === undefined ? 0 : 2;
  },
};

function page(
  { description: d, info }: LoadedModel,
  cost: StepCost,
  residentBytes: number,
  problem: string | undefined,
): string {
  const one = cost.milliseconds[0] ?? NaN;
  const rows: readonly (readonly [string, string])[] = [
    ['name', d.name],
    ['folder', d.folder],
    ['graph', `${d.graphFile}, ${(d.graphBytes / 1e6).toFixed(1)} MB`],
    ['runtime', d.runtimeVersion],
    ['layers', String(d.layers)],
    ['vocabulary', String(d.vocabularySize)],
    ['context', `${d.contextLength} tokens, ${d.bytesPerCachedToken} bytes cached a token`],
    ['fill-in-the-middle', d.fimFamily ?? 'no'],
    ['superposed input', info.embeddingSize > 0 ? 'yes' : 'no'],
    ['tree steps', d.treeSteps ? 'yes' : 'no'],
    ['load', `${Math.round(d.loadMilliseconds)} ms`],
    ['memory', `${Math.round(residentBytes / 1e6)} MB in this process`],
    ['one token', `${one.toFixed(2)} ms after ${cost.contextTokens} tokens`],
    ['prompt', `${cost.prefillMillisecondsPerToken.toFixed(3)} ms a token`],
    ...cost.nodes
      .slice(1)
      .map(
        (nodes, i) =>
          [
            `tree of ${nodes}`,
            `${((cost.milliseconds[i + 1] ?? NaN) / one).toFixed(2)} x one token`,
          ] as const,
      ),
    ...d.limits.map((limit) => ['limit', limit] as const),
    ...(problem === undefined ? [] : [['problem', problem] as const]),
  ];
  return `${rows.map(([name, value]) => `${name.padEnd(20)}${value}`).join('\n')}\n`;
}
