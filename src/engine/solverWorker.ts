// Entry of the solver worker: one program in, one answer out. HiGHS cannot be interrupted, so the client ends the thread.
import { parentPort, workerData } from 'node:worker_threads';
import type { SolverOptions } from '../core/watermark/stealing/greenListPrograms';
import { solveProgram } from './highsSolver';

export interface SolverWorkerData {
  readonly program: string;
  readonly options: SolverOptions;
  /** Folder with highs.wasm. */
  readonly wasmFolder: string | undefined;
}

const { program, options, wasmFolder } = workerData as SolverWorkerData;
void solveProgram(program, options, wasmFolder).then(
  (answer) => parentPort?.postMessage({ ok: true, answer }),
  (error: unknown) =>
    parentPort?.postMessage({ ok: false, message: error instanceof Error ? error.message : String(error) }),
);
