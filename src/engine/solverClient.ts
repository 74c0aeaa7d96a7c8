// Starts a solver worker for each program and ends it when the caller gives up or the solver overruns its own limit.
import { Worker } from 'node:worker_threads';
import type { SolverAnswer, SolveProgram } from '../core/watermark/stealing/greenListPrograms';
import type { SolverWorkerData } from './solverWorker';

/** Seconds beyond the solver's own limit after which the thread is ended. */
const GRACE_SECONDS = 10;

type Reply =
  { readonly ok: true; readonly answer: SolverAnswer } | { readonly ok: false; readonly message: string };

/**
 * @param workerFile built solverWorker.js. @param wasmFolder folder with highs.wasm.
 * @param signal aborting ends the running thread; the promise then rejects with 'Cancelled.'
 */
export function createSolver(
  workerFile: string,
  wasmFolder: string | undefined,
  signal?: AbortSignal,
): SolveProgram {
  return (program, options) =>
    new Promise<SolverAnswer>((resolve, reject) => {
      const data: SolverWorkerData = { program, options, wasmFolder };
      const worker = new Worker(workerFile, { workerData: data });
      const end = (finish: () => void): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
        void worker.terminate();
        finish();
      };
      const cancel = (): void => end(() => reject(new Error('Cancelled.')));
      const timer = setTimeout(
        () =>
          end(() =>
            resolve({ status: 'Time limit reached', values: new Map(), seconds: options.timeLimitSeconds }),
          ),
        1000 * (options.timeLimitSeconds + GRACE_SECONDS),
      );
      signal?.addEventListener('abort', cancel);
      worker.once('message', (reply: Reply) =>
        end(() => (reply.ok ? resolve(reply.answer) : reject(new Error(reply.message)))),
      );
      worker.once('error', (error) => end(() => reject(error)));
    });
}
