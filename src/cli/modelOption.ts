// The option by which commands choose a model, and the model it chooses: a folder, or the one in the box.
import { embeddedModelFolder } from '../engine/embeddedModel';
import { DEFAULT_LOAD_OPTIONS, loadLanguageModel, type LoadedModel } from '../engine/languageModelLoader';
import type { CliArguments, CliOption, CliStreams } from './cliCommand';
import { UsageError } from './cliCommand';

export const MODEL_OPTION: CliOption = {
  name: 'model',
  short: 'm',
  value: 'DIR',
  summary: 'Model folder or .onnx file (default: the model in the box)',
};

export const RUNTIME_OPTIONS: readonly CliOption[] = [
  { name: 'threads', value: 'N', summary: 'Threads for the model (default: 1 or 2, by its size)' },
  { name: 'wasm', summary: 'Use the WebAssembly runtime' },
];

/** Loads a model; undefined after a note that says why it cannot be used. */
export async function openModel(
  folder: string | undefined,
  args: CliArguments,
  streams: CliStreams,
): Promise<LoadedModel | undefined> {
  const threads = args.count('threads') ?? DEFAULT_LOAD_OPTIONS.threads;
  if (threads > 64)
    throw new UsageError('--threads needs a number from 1 to 64, or 0 to choose by the size of the model.');
  const result = await loadLanguageModel(folder ?? embeddedModelFolder(__dirname), {
    ...DEFAULT_LOAD_OPTIONS,
    threads,
    runtime: args.flag('wasm') ? 'wasm' : 'auto',
  });
  if (result.ok) return result.model;
  streams.note(result.reason);
  return undefined;
}
