// Entry of the solver worker: one program in, one answer out, or a whole stealability audit with a message for each
// result. HiGHS cannot be interrupted, so the client ends the thread.
import { parentPort, workerData } from 'node:worker_threads';
import { schemeFromText } from '../core/watermark/schemeCatalogue';
import type { SolverOptions } from '../core/watermark/stealing/greenListPrograms';
import { auditStealability } from '../core/watermark/stealing/stealabilityAudit';
import type { AuditMessage, AuditWorkerData } from './auditClient';
import { solveProgram } from './highsSolver';

export interface SolverWorkerData {
  readonly program: string;
  readonly options: SolverOptions;
  /** Folder with highs.wasm. */
  readonly wasmFolder: string | undefined;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function solveOne({ program, options, wasmFolder }: SolverWorkerData): Promise<void> {
  try {
    parentPort?.postMessage({ ok: true, answer: await solveProgram(program, options, wasmFolder) });
  } catch (error) {
    parentPort?.postMessage({ ok: false, message: messageOf(error) });
  }
}

async function audit({ audit: { scheme: params, ...rest }, wasmFolder }: AuditWorkerData): Promise<void> {
  const post = (message: AuditMessage): void => parentPort?.postMessage(message);
  const { settings, ...overrides } = params;
  const scheme = schemeFromText(settings, overrides);
  let problem: string | undefined;
  if (!scheme.ok) problem = scheme.reason;
  else if (scheme.value.family !== 'fixed-list')
    problem = `${scheme.value.name} has no list that is the same everywhere; the audit covers Unigram.`;
  else {
    try {
      const outcome = await auditStealability(
        { ...rest, scheme: scheme.value },
        (program, options) => solveProgram(program, options, wasmFolder),
        () => false,
        (result) => post({ type: 'result', result }),
      );
      problem = outcome.ok ? undefined : outcome.reason;
    } catch (error) {
      problem = messageOf(error);
    }
  }
  post({ type: 'done', problem });
}

const data = workerData as SolverWorkerData | AuditWorkerData;
void ('audit' in data ? audit(data) : solveOne(data));
