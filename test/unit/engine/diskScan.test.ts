// A scan shared by several real workers: every file once, whatever ends it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scanOnDisk, type DiskScanRequest } from '../../../src/engine/diskScan';
import {
  createEngineClient,
  type CancellationLike,
  type EngineClient,
} from '../../../src/engine/engineClient';
import type { ScannedFile } from '../../../src/engine/folderScan';
import { buildTokenWorker, type BuiltBundle } from './builtWorker';

const FILES = 300;
let worker: BuiltBundle;
let root: string;
let engines: readonly EngineClient[];
let request: DiskScanRequest;

beforeAll(() => {
  worker = buildTokenWorker();
  root = mkdtempSync(join(tmpdir(), 'tessera-disk-scan-'));
  for (let i = 0; i < FILES; i++) {
    mkdirSync(join(root, `part${i % 7}`), { recursive: true });
    writeFileSync(join(root, `part${i % 7}`, `file${i}.txt`), `number ${i} `.repeat(1 + (i % 5)));
  }
  engines = Array.from({ length: 3 }, () =>
    createEngineClient({ workerPath: worker.path, tableFolder: 'assets/tables' }),
  );
  request = { root, tokenizer: 'o200k_base', filesExclude: {}, maxBytes: 1e6, known: [] };
});
afterAll(async () => {
  for (const engine of engines) await engine.dispose();
  worker.remove();
  rmSync(root, { recursive: true, force: true });
});

const never: CancellationLike = {
  isCancellationRequested: false,
  onCancellationRequested: () => ({ dispose: () => undefined }),
};

async function filesOf(
  used: readonly EngineClient[],
  wishes: Partial<DiskScanRequest> = {},
): Promise<ScannedFile[]> {
  const files: ScannedFile[] = [];
  for await (const batch of scanOnDisk(used, { ...request, ...wishes }, never)) files.push(...batch);
  return files;
}
const byPath = (files: readonly ScannedFile[]): ScannedFile[] =>
  [...files].sort((a, b) => (a.path < b.path ? -1 : 1));

/** An engine that passes requests on and remembers their names. */
function watched(engine: EngineClient, names: string[]): EngineClient {
  return {
    ...engine,
    request: (name, params, options) => {
      names.push(name);
      return engine.request(name, params, options);
    },
  };
}

/** An engine whose slices are empty and leave the walk open, as if the folder had no end. */
function endless(engine: EngineClient): EngineClient {
  return {
    ...engine,
    request: (name, params, options) =>
      engine.request(
        name,
        name === 'continueScan' ? Object.assign({}, params, { sliceMs: 0 }) : params,
        options,
      ),
  };
}

describe('a scan shared by several workers', () => {
  it('counts what one worker counts, each file once', async () => {
    const alone = await filesOf(engines.slice(0, 1));
    expect(alone).toHaveLength(FILES);
    expect(byPath(await filesOf(engines))).toEqual(byPath(alone));
  });

  it('gives every worker its part', async () => {
    const counted = engines.map(() => 0);
    const counting = engines.map((engine, index): EngineClient => ({
      ...engine,
      request: async (name, params, options) => {
        const reply = await engine.request(name, params, options);
        if (reply.ok && name === 'continueScan')
          counted[index]! += (reply.value as { readonly files: readonly ScannedFile[] }).files.length;
        return reply;
      },
    }));
    await filesOf(counting);
    expect(counted.reduce((sum, files) => sum + files, 0)).toBe(FILES);
    // A fair hash of 300 paths is far from this; a share that is left empty is not.
    for (const files of counted) expect(files).toBeGreaterThan(FILES / 6);
  });

  it('does not bother more than one worker with a folder that is known to be small', async () => {
    const known = byPath(await filesOf(engines)).map(
      ({ path, stamp, outcome }) => [path, { stamp, outcome }] as const,
    );
    const names: string[] = [];
    const files = await filesOf([engines[0]!, watched(engines[1]!, names)], { known });
    expect(files).toHaveLength(FILES);
    expect(files.every(({ cached }) => cached)).toBe(true);
    expect(names).toEqual([]);
  });

  it('ends the walks of all workers when nobody reads on', async () => {
    const names: string[] = [];
    const slow = engines.map((engine) => endless(watched(engine, names)));
    for await (const batch of scanOnDisk(slow, request, never)) {
      expect(batch).toEqual([]);
      break;
    }
    expect(names.filter((name) => name === 'endScan')).toHaveLength(engines.length);
  });

  it('stops when it is cancelled', async () => {
    const cancelled = { ...never, isCancellationRequested: true };
    const batches: (readonly ScannedFile[])[] = [];
    for await (const batch of scanOnDisk(engines, request, cancelled)) batches.push(batch);
    expect(batches.flat()).toEqual([]);
  });

  it('leaves no failure unhandled while the caller works on a batch', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    // Its walk begins well and breaks at the second slice.
    let slices = 0;
    const first = endless(engines[0]!);
    const breaking: EngineClient = {
      ...first,
      request: (name, params, options) =>
        name === 'continueScan' && ++slices > 1
          ? Promise.resolve({ ok: false, error: { code: 'crashed', message: 'It broke.' } })
          : first.request(name, params, options),
    };
    const reading = async (): Promise<void> => {
      for await (const batch of scanOnDisk([breaking], request, never)) {
        expect(batch).toEqual([]);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    await expect(reading()).rejects.toThrow('It broke.');
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  it('fails with the sentence of the worker that fails, and ends the others', async () => {
    const names: string[] = [];
    const broken: EngineClient = {
      ...engines[0]!,
      request: () => Promise.resolve({ ok: false, error: { code: 'crashed', message: 'It broke.' } }),
    };
    // Their slices are empty, so that their walks would never be done.
    const rest = engines.slice(1).map((engine): EngineClient => endless(watched(engine, names)));
    await expect(filesOf([...rest, broken])).rejects.toThrow('It broke.');
    expect(names.filter((name) => name === 'endScan')).toHaveLength(rest.length);
  });
});
