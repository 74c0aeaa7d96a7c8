// A folder on disk counted by several token workers at once. Reading small files takes as long as tokenizing them, so one
// worker alone is half idle; each takes the files whose path falls to its share, and the batches come as they are ready.
import type { CancellationLike, EngineClient } from './engineClient';
import type { RequestParams } from './engineProtocol';
import type { ScannedFile } from './folderScan';

export type DiskScanRequest = Omit<RequestParams<'scanFolder'>, 'share'>;

const SLICE_MS = 80;
/** A folder known to be so small is done before a second worker has started. Files. */
const FEW_FILES = 1000;

/** Each worker holds its own tables, and typing wants a processor too. */
const MOST_WORKERS = 3;

/** How many workers share a scan on a machine with so many processors. */
export function scanWorkers(processors: number): number {
  return Math.min(MOST_WORKERS, Math.max(1, processors));
}

/**
 * Batches of counted files in no particular order, each file once. Ends early when cancelled; throws an Error with a
 * sentence for the user when a worker fails. Whoever stops reading ends the scan.
 * @param engines at least one; more share the work
 */
export async function* scanOnDisk(
  engines: readonly EngineClient[],
  request: DiskScanRequest,
  cancellation: CancellationLike,
): AsyncGenerator<readonly ScannedFile[]> {
  const { known } = request;
  const used = known.length > 0 && known.length < FEW_FILES ? engines.slice(0, 1) : engines;
  yield* merged(
    used.map((engine, index) =>
      oneShare(engine, { ...request, share: { index, of: used.length } }, cancellation),
    ),
  );
}

async function* oneShare(
  engine: EngineClient,
  request: RequestParams<'scanFolder'>,
  cancellation: CancellationLike,
): AsyncGenerator<readonly ScannedFile[]> {
  const started = await engine.request('scanFolder', request);
  if (!started.ok) throw new Error(started.error.message);
  const scan = started.value;
  let done = false;
  try {
    while (!done && !cancellation.isCancellationRequested) {
      const reply = await engine.request('continueScan', { scan, sliceMs: SLICE_MS }, { cancellation });
      if (!reply.ok) {
        if (reply.error.code === 'cancelled') break;
        throw new Error(reply.error.message);
      }
      ({ done } = reply.value);
      yield reply.value.files;
    }
  } finally {
    // However it ends, also where the reader of these batches stops: the worker keeps no walk that nobody goes on with.
    if (!done) void engine.request('endScan', { scan });
  }
}

/** What several sources give, in the order in which it comes. The first failure ends them all. */
async function* merged<T>(sources: readonly AsyncGenerator<T>[]): AsyncGenerator<T> {
  type Pulled = readonly [source: AsyncGenerator<T>, result: IteratorResult<T>];
  const pull = (source: AsyncGenerator<T>): Promise<Pulled> => {
    const pulled = source.next().then((result): Pulled => [source, result]);
    // Looked at again only when the caller asks for more; until then nobody else handles its failure.
    pulled.catch(() => undefined);
    return pulled;
  };
  const waiting = new Map(sources.map((source) => [source, pull(source)]));
  try {
    while (waiting.size > 0) {
      const [source, result] = await Promise.race(waiting.values());
      waiting.delete(source);
      if (result.done === true) continue;
      // Asked for before the caller works on this one, so that no worker waits for it.
      waiting.set(source, pull(source));
      yield result.value;
    }
  } finally {
    // Those still under way may fail too; the failure that ended the scan is told, not theirs.
    await Promise.allSettled([...waiting.values(), ...sources.map((source) => source.return(undefined))]);
  }
}
