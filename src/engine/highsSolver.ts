// Linear and mixed-integer programs with HiGHS in WebAssembly (npm `highs`, MIT). The only file that imports it. A fresh
// instance a solve: the module is unusable after an abort. Runs in solverWorker, never on the host's main thread.
import { performance } from 'node:perf_hooks';
import type { SolverAnswer, SolverOptions } from '../core/watermark/stealing/greenListPrograms';

/** @param wasmFolder folder with highs.wasm; the package's own where undefined. */
export async function solveProgram(
  program: string,
  { timeLimitSeconds }: SolverOptions,
  wasmFolder?: string,
): Promise<SolverAnswer> {
  const { default: loadHighs } = await import('highs');
  const highs = await loadHighs(
    wasmFolder === undefined ? {} : { locateFile: (file: string) => `${wasmFolder}/${file}` },
  );
  const start = performance.now();
  const solution = highs.solve(program, { time_limit: timeLimitSeconds, mip_rel_gap: 1e-4 });
  const seconds = (performance.now() - start) / 1000;
  const values = new Map<string, number>();
  const columns = Object.entries(solution.Columns as Readonly<Record<string, { readonly Primal?: number }>>);
  for (const [name, { Primal: value }] of columns) {
    if (value !== undefined && Number.isFinite(value)) values.set(name, value);
  }
  return { status: solution.Status, values, seconds };
}
