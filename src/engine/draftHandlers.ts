// What the model process answers to requests about drafts. The n-gram tables that lie beside a model are read when the
// first superposed draft asks for them and kept as long as that model is loaded.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CachedSession } from '../core/model/cachedSession';
import type { Tokenizer } from '../core/tokenizers/tokenizer';
import { PackedNgrams } from '../core/decoding/packedNgrams';
import { answerDrafts, answerNextByte, type DraftParts } from './draftAnswers';
import type { DraftRequests } from './draftProtocol';
import type { EngineReply } from './engineProtocol';
import { DEFAULT_LOAD_OPTIONS, loadLanguageModel, type LoadedModel } from './languageModelLoader';
import type { LoadedParts, ModelHandler } from './modelHandlers';
import { loadModelTokenizer } from './modelTokenizer';
import { answer, refuse } from './requestContext';

const tables = new WeakMap<LoadedParts, Promise<PackedNgrams | undefined>>();

/** The table of a model folder; undefined when it has none or one of another vocabulary. */
export async function readShippedNgrams(
  folder: string,
  vocabularySize: number,
): Promise<PackedNgrams | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(join(folder, 'ngrams.bin'));
  } catch {
    return undefined;
  }
  const read = PackedNgrams.read(bytes);
  return read.ok && read.table.vocabularySize <= vocabularySize ? read.table : undefined;
}

function draftParts(loaded: LoadedParts): DraftParts {
  const { model, session, tokenizer } = loaded;
  return {
    session,
    tokenizer,
    shippedNgrams: () => {
      let table = tables.get(loaded);
      if (table === undefined) {
        table = readShippedNgrams(model.files.folder, model.info.vocabularySize);
        tables.set(loaded, table);
      }
      return table;
    },
    secondModel: openSecondModel,
  };
}

/** The second model of the last ensemble: one is kept, because loading takes longer than drafting. */
let second: { readonly path: string; readonly parts: Promise<EngineReply<SecondModel>> } | undefined;

interface SecondModel {
  readonly model: LoadedModel;
  readonly session: CachedSession;
  readonly tokenizer: Tokenizer;
}

/** Opens a model folder as the second voice of an ensemble. Never rejects. */
export async function openSecondModel(path: string): Promise<EngineReply<SecondModel>> {
  if (second?.path !== path) {
    const before = second;
    second = { path, parts: loadSecondModel(path) };
    const old = await before?.parts;
    if (old?.ok === true) {
      old.value.session.close();
      await old.value.model.release();
    }
  }
  const opened = await second.parts;
  // A folder that is put right must be looked at again.
  if (!opened.ok) second = undefined;
  return opened;
}

async function loadSecondModel(path: string): Promise<EngineReply<SecondModel>> {
  const loading = await loadLanguageModel(path, DEFAULT_LOAD_OPTIONS);
  if (!loading.ok)
    return refuse('badRequest', `The second model cannot be used (${path}): ${loading.reason}`);
  const { model } = loading;
  const read = await loadModelTokenizer(model);
  if (read.ok) return answer({ model, session: model.openSession(), tokenizer: read.tokenizer });
  await model.release();
  return refuse('badRequest', `The second model cannot be used (${path}): ${read.reason}`);
}

export const draftHandlers: { readonly [N in keyof DraftRequests]: ModelHandler<N> } = {
  drafts: async (params, state, { cancellation }) => {
    const { loaded } = state;
    if (loaded === undefined) return refuse('badRequest', 'No model is loaded.');
    const reply = await answerDrafts(draftParts(loaded), params, cancellation);
    if (reply.ok) {
      const tokens = reply.value.drafts.reduce((sum, draft) => sum + draft.tokens.length, 0);
      state.count(tokens + reply.value.timings.promptTokensComputed, reply.value.timings.totalMs);
    }
    return reply;
  },
  nextByte: async (params, state, { cancellation }) => {
    const { loaded } = state;
    if (loaded === undefined) return refuse('badRequest', 'No model is loaded.');
    return answerNextByte(draftParts(loaded), params, cancellation);
  },
};
