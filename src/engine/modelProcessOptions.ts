// How the model process is started, so that it stays small: the same arguments and environment for the extension and for
// the bench that measures its memory. Source: mallopt(3), M_TRIM_THRESHOLD; node --v8-options.

/** Most megabytes of JavaScript objects; weights and buffers are outside of it. */
const HEAP_MB = 1024;
/** Megabytes of the young generation: what a request leaves behind is collected sooner, at a few per cent of its time. */
const YOUNG_MB = 2;

/** Milliseconds without a request after which the process collects what requests left behind. */
const COLLECT_AFTER_MS = 1000;

/** Arguments for Node before the script. */
export const modelProcessArguments: readonly string[] = [
  `--max-old-space-size=${HEAP_MB}`,
  `--max-semi-space-size=${YOUNG_MB}`,
  // For `idleCollection`.
  '--expose-gc',
];

/**
 * The environment of the process. When a graph is opened its weights are turned from 8 bits into floats in several steps;
 * the C library of Linux would keep that memory (60 MB for tessera-tiny) for later. With a fixed threshold it gives it
 * back. Other systems ignore the name; a value set by the user stays.
 */
export function modelProcessEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    MALLOC_TRIM_THRESHOLD_: String(128 * 1024),
    ...own,
    // Inside VS Code process.execPath is Electron, which must be told to be Node.
    ELECTRON_RUN_AS_NODE: '1',
  };
}

export interface IdleCollection {
  /** A request begins: no collection until it has ended. */
  begin(): void;
  /** A request has ended. */
  end(): void;
}

/**
 * Collects garbage once no request has been open for a second. The results of forwards lie outside the JavaScript heap, so
 * the collector, which looks at the heap, leaves some 20 MB of them for minutes.
 */
export function idleCollection(
  collect: (() => unknown) | undefined = globalThis.gc,
  milliseconds = COLLECT_AFTER_MS,
): IdleCollection {
  let open = 0;
  let timer: NodeJS.Timeout | undefined;
  return {
    begin: () => {
      open++;
      clearTimeout(timer);
    },
    end: () => {
      open--;
      if (collect === undefined || open > 0) return;
      timer = setTimeout(() => void collect(), milliseconds);
      timer.unref();
    },
  };
}
