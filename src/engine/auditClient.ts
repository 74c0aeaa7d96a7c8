// Runs a stealability audit in the solver worker: attackers, controls and solver share one thread, which is ended when the
// caller gives up. Nothing of it runs on the host's main thread.
import { Worker } from 'node:worker_threads';
import type { Outcome } from '../core/watermark/scheme';
import type { AttackResult, AuditRequest } from '../core/watermark/stealing/stealabilityAudit';
import type { WatermarkSchemeParams } from './engineProtocol';

/** What the audit's thread is started with. */
export interface AuditWorkerData {
  readonly audit: Omit<AuditRequest, 'scheme'> & { readonly scheme: WatermarkSchemeParams };
  readonly wasmFolder: string;
}

export type AuditMessage =
  | { readonly type: 'result'; readonly result: AttackResult }
  | { readonly type: 'done'; readonly problem: string | undefined };

export interface AuditHooks {
  readonly signal: AbortSignal;
  readonly onResult: (result: AttackResult) => void;
}

/**
 * Results in the order in which they are made. `undefined` when the caller gave up.
 *
 * @param workerFile built solverWorker.js
 */
export function runAudit(
  workerFile: string,
  data: AuditWorkerData,
  { signal, onResult }: AuditHooks,
): Promise<Outcome<readonly AttackResult[]> | undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve(undefined);
      return;
    }
    const results: AttackResult[] = [];
    const worker = new Worker(workerFile, { workerData: data });
    const end = (outcome: Outcome<readonly AttackResult[]> | undefined): void => {
      signal.removeEventListener('abort', cancel);
      worker.removeAllListeners();
      // A dying thread may still report errors, and an 'error' event without a listener would be thrown.
      worker.on('error', () => undefined);
      void worker.terminate();
      resolve(outcome);
    };
    const cancel = (): void => end(undefined);
    signal.addEventListener('abort', cancel);
    worker.on('message', (message: AuditMessage) => {
      if (message.type === 'result') {
        results.push(message.result);
        onResult(message.result);
      } else if (message.problem === undefined) end({ ok: true, value: results });
      else end({ ok: false, reason: message.problem });
    });
    const failed = (error: unknown): void =>
      end({ ok: false, reason: error instanceof Error ? error.message : String(error) });
    worker.once('error', failed);
    worker.once('exit', (code) => failed(new Error(`The solver ended (exit code ${code}).`)));
  });
}
