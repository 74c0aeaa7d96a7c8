// Long work in small steps: detectors are generators that yield how far they are, so that a worker can look for
// cancellation between steps and a test can run them to the end.

export interface Progress {
  readonly done: number;
  readonly total: number;
}

export type Stepwise<T> = Generator<Progress, T>;

export interface RunHooks {
  /** Asked between steps; true ends the work. */
  readonly shouldStop?: () => boolean;
  readonly onProgress?: (progress: Progress) => void;
}

/** Runs to the end, or to undefined when `shouldStop` says so. */
export function runSteps<T>(work: Stepwise<T>, hooks: RunHooks = {}): T | undefined {
  for (;;) {
    if (hooks.shouldStop?.() === true) return undefined;
    const step = work.next();
    if (step.done === true) return step.value;
    hooks.onProgress?.(step.value);
  }
}

/** Runs to the end without hooks. */
export function complete<T>(work: Stepwise<T>): T {
  let step = work.next();
  while (step.done !== true) step = work.next();
  return step.value;
}
