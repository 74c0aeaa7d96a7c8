// The worker's requests about files: a scan of a folder that the caller pulls in slices, single files, and contents
// that the caller has read itself (virtual file systems).
import { leftOut } from '../core/files/ignoreRules';
import type { FileOutcome } from '../core/files/tokenTreeModel';
import { countContent } from './fileContent';
import { scanFile, scanFolder, type ScannedFile } from './folderScan';
import { answer, refuse, type RequestHandlers } from './requestContext';
import type { TokenizerPool } from './tokenizerPool';

type FileRequestName = 'scanFolder' | 'continueScan' | 'endScan' | 'countFile' | 'countBytes' | 'leftOut';

/** A walk, and how the request that goes on with it is cancelled: each has its own way. */
interface Scan {
  walk: Generator<ScannedFile, void> | undefined;
  cancelled: () => boolean;
}

/** Files in one answer at most, so that a slice of cached files stays small. */
const MAX_BATCH = 2000;

export function createFileRequests(tokenizers: TokenizerPool): RequestHandlers<FileRequestName> {
  const scans = new Map<number, Scan>();
  let nextScan = 1;
  return {
    scanFolder: async ({ root, tokenizer, filesExclude, maxBytes, known, share }) => {
      const loaded = await tokenizers.get(tokenizer);
      if (!loaded.ok) return loaded;
      const id = nextScan++;
      const scan: Scan = { walk: undefined, cancelled: () => false };
      const options = {
        filesExclude,
        maxBytes,
        known: new Map(known),
        cancelled: () => scan.cancelled(),
        ...(share === undefined ? {} : { share }),
      };
      scan.walk = scanFolder(root, loaded.value, options);
      scans.set(id, scan);
      return answer(id);
    },
    continueScan: ({ scan, sliceMs }, context) => {
      const found = scans.get(scan);
      if (found?.walk === undefined) return refuse('notOpen', 'This scan has ended.');
      const { walk } = found;
      found.cancelled = () => context.cancelled();
      const files: ScannedFile[] = [];
      const end = performance.now() + sliceMs;
      while (performance.now() < end && files.length < MAX_BATCH && !context.cancelled()) {
        const next = walk.next();
        if (next.done === true) {
          scans.delete(scan);
          return answer({ files, done: true });
        }
        files.push(next.value);
      }
      return answer({ files, done: false });
    },
    endScan: ({ scan }) => {
      scans.delete(scan);
      return answer(null);
    },
    countFile: async ({ root, path, tokenizer, maxBytes }) => {
      const loaded = await tokenizers.get(tokenizer);
      if (!loaded.ok) return loaded;
      return answer(scanFile(root, path, loaded.value, { maxBytes }) ?? null);
    },
    leftOut: ({ filesExclude, ruleFiles, paths }) => answer(leftOut(filesExclude, ruleFiles, paths)),
    countBytes: async ({ tokenizer, contents }, context) => {
      const loaded = await tokenizers.get(tokenizer);
      if (!loaded.ok) return loaded;
      const outcomes: FileOutcome[] = [];
      for (const bytes of contents) {
        if (context.cancelled()) return refuse('cancelled', 'Cancelled.');
        const outcome = countContent(loaded.value, bytes, () => context.cancelled());
        if (outcome === undefined) return refuse('cancelled', 'Cancelled.');
        outcomes.push(outcome);
      }
      return answer(outcomes);
    },
  };
}
