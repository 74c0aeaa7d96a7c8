// What the list of models says about a folder before it is loaded: size, context, fill-in-the-middle, embeddings, licence.
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { findFimTokens } from '../core/decoding/fimTokens';
import { readModelFolder } from './modelFiles';

export interface ModelSummary {
  readonly name: string;
  readonly folder: string;
  readonly graphFile: string;
  /** Graph and its external data, bytes. */
  readonly graphBytes: number;
  readonly contextLength: number;
  readonly fimFamily: string | undefined;
  /** Whether superposed input will work; undefined when only loading can tell. */
  readonly embeddings: boolean | undefined;
  /** As the folder says it ('apache-2.0'); undefined when it says nothing. */
  readonly licence: string | undefined;
  readonly limits: readonly string[];
}

export type SummaryReading =
  { readonly ok: true; readonly summary: ModelSummary } | { readonly ok: false; readonly reason: string };

/** Reads a model folder without loading the graph or checking its checksums. Never rejects. */
export async function summariseModel(path: string): Promise<SummaryReading> {
  const reading = await readModelFolder(path, { checksums: false });
  if (!reading.ok) return reading;
  const { folder, name, layout, graph, graphBytes, contextLength, specialTokens, limits, embeddingGraph } =
    reading.model;
  return {
    ok: true,
    summary: {
      name,
      folder,
      graphFile: basename(graph),
      graphBytes,
      contextLength,
      fimFamily: findFimTokens(specialTokens)?.family,
      embeddings: layout === 'tessera' || embeddingGraph !== undefined ? true : undefined,
      licence: await licenceOf(folder),
      limits,
    },
  };
}

/** The licence from a manifest, the head of a model card, or the first line of a LICENSE file. */
async function licenceOf(folder: string): Promise<string | undefined> {
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8').catch(() => '');
  const manifest = /"licen[cs]e"\s*:\s*"([^"]+)"/.exec(await read('manifest.json'))?.[1];
  if (manifest !== undefined) return manifest;
  const head = /^---\r?\n([\s\S]*?)\r?\n---/.exec(await read('README.md'))?.[1] ?? '';
  const named = /^license_name:\s*(\S+)/m.exec(head) ?? /^license:\s*(\S+)/m.exec(head);
  if (named?.[1] !== undefined) return named[1];
  const first = (await read('LICENSE')).split('\n').find((line) => line.trim() !== '');
  return first?.trim().slice(0, 60);
}
