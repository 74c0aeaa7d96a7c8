// Keeps only the newest of a stream of asynchronous jobs, and only one refresh a frame.
import type { CancellationLike } from '../engine/engineClient';

export interface LatestOnly {
  /**
   * Cancels the job that is still running, then runs this one. Its result is given to `use` unless a newer job was
   * started or `cancel` was called meanwhile.
   */
  run<T>(job: (cancellation: CancellationLike) => Promise<T>, use: (result: T) => void): void;
  cancel(): void;
}

export function createLatestOnly(): LatestOnly {
  let cancelCurrent: (() => void) | undefined;
  const cancel = (): void => {
    cancelCurrent?.();
    cancelCurrent = undefined;
  };
  return {
    cancel,
    run: (job, use) => {
      cancel();
      const listeners = new Set<() => void>();
      let cancelled = false;
      cancelCurrent = () => {
        cancelled = true;
        for (const listener of [...listeners]) listener();
      };
      const cancellation: CancellationLike = {
        get isCancellationRequested() {
          return cancelled;
        },
        onCancellationRequested: (listener) => {
          listeners.add(listener);
          return { dispose: () => listeners.delete(listener) };
        },
      };
      void job(cancellation).then((result) => {
        if (!cancelled) use(result);
      });
    },
  };
}

const FRAME_MS = 16;

/** Calls `refresh` once, a frame after the first of any number of `schedule` calls. */
export function createFrameThrottle(
  refresh: () => void,
  delayMs = FRAME_MS,
): { schedule(): void; dispose(): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    schedule: () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        refresh();
      }, delayMs);
    },
    dispose: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
