// Language-model tools: an agent can ask how many tokens a text or file has, and how tokenizers compare on it. Results
// are short JSON, errors are written for the model: what was wrong and what to send instead.
import * as vscode from 'vscode';
import type { ChosenModels } from '../chosenModel';
import { findModel, similarModelIds } from '../core/pricing/modelCatalogue';
import { modelTokenCount, requestCost } from '../core/pricing/requestCost';
import { ENCODING_NAMES, isEncodingName } from '../core/tokenizers/encodings';
import type { TokenizerLibrary } from '../editor/tokenizerLibrary';
import type { EngineClient } from '../engine/engineClient';
import { FILE_PREFIX } from '../engine/keptTokenizers';
import { TOOLS } from '../ids';
import { checkTypes, fits, json, subject, textOf, type TextInput } from './toolText';

export interface CountTokensInput extends TextInput {
  readonly encoding?: string;
  readonly model?: string;
}
export interface CompareTokenizersInput extends TextInput {
  readonly encodings?: readonly string[];
}

const DEFAULT_COMPARISON = ['o200k_base', 'cl100k_base', 'gpt2'];

export function registerTokenTools(
  engine: EngineClient,
  models: ChosenModels,
  tokenizerOf: (uri: vscode.Uri | undefined) => string,
  files: TokenizerLibrary,
): { dispose(): void } {
  /** Ids the engine takes, and names for the agent. Throws for a name that is none. */
  const readEncoding = async (name: string): Promise<string> => {
    if (isEncodingName(name)) return name;
    const kept = await files.load();
    if (files.find(name) !== undefined) return files.canonicalId(name);
    // A tokenizer file's bare name is clear enough.
    if (files.find(FILE_PREFIX + name) !== undefined) return files.canonicalId(FILE_PREFIX + name);
    const known = [...ENCODING_NAMES, ...kept.map((entry) => FILE_PREFIX + entry.name)];
    throw new Error(`Unknown encoding "${name}". Use one of: ${known.join(', ')}.`);
  };
  const nameForAgent = (id: string): string =>
    id.startsWith(FILE_PREFIX) ? FILE_PREFIX + files.label(id) : id;
  const countTokens: vscode.LanguageModelTool<CountTokensInput> = {
    prepareInvocation: ({ input }) => ({
      invocationMessage: vscode.l10n.t('Counting tokens of {0}', subject(input)),
    }),
    invoke: async ({ input }, token) => {
      checkTypes(input, ['encoding', 'model']);
      const { text, uri } = await textOf(input);
      const model =
        input.model === undefined ? models.forScope(uri) : findModel(models.catalogue, input.model);
      if (input.model !== undefined && model === undefined) {
        const similar = similarModelIds(models.catalogue, input.model).join(', ');
        throw new Error(
          `Unknown model "${input.model}".${similar === '' ? '' : ` Known ids like it: ${similar}.`} Leave "model" out to count with an encoding.`,
        );
      }
      const encoding = await readEncoding(input.encoding ?? model?.tokenizer.encoding ?? tokenizerOf(uri));
      const reply = await engine.request('countText', { tokenizer: encoding, text }, { cancellation: token });
      if (!reply.ok) throw new Error(reply.error.message);
      const { tokens, characters, bytes, provenance } = reply.value;
      const counted =
        model === undefined || input.encoding !== undefined
          ? undefined
          : modelTokenCount(model.tokenizer, tokens);
      const cost =
        model === undefined || counted === undefined
          ? undefined
          : requestCost(model, { input: counted.tokens });
      return json({
        tokens: counted?.tokens ?? tokens,
        exact: counted?.exact ?? provenance.exactness === 'exact',
        encoding: nameForAgent(encoding),
        source: provenance.source,
        characters,
        bytes,
        ...(model === undefined
          ? {}
          : {
              model: model.id,
              method: model.tokenizer.method ?? 'exact',
              contextWindow: model.contextWindow,
            }),
        ...(counted?.low === undefined || counted.exact ? {} : { between: [counted.low, counted.high] }),
        ...(cost === undefined
          ? {}
          : { inputCost: cost.total, currency: cost.currency, priceDate: model?.date }),
      });
    },
  };
  const compareTokenizers: vscode.LanguageModelTool<CompareTokenizersInput> = {
    prepareInvocation: ({ input }) => ({
      invocationMessage: vscode.l10n.t('Comparing tokenizers on {0}', subject(input)),
    }),
    invoke: async ({ input, tokenizationOptions }, token) => {
      checkTypes(input, []);
      const named: unknown = input.encodings ?? DEFAULT_COMPARISON;
      if (!Array.isArray(named))
        throw new Error('"encodings" must be a list of names, for example ["o200k_base", "gpt2"].');
      if (named.length === 0) throw new Error('"encodings" is empty; name at least one, or leave it out.');
      const tokenizers = await Promise.all(named.map((name: unknown) => readEncoding(String(name))));
      const { text } = await textOf(input);
      const reply = await engine.request(
        'compareTokenizers',
        { tokenizers, text, most: 3 },
        { cancellation: token },
      );
      if (!reply.ok) throw new Error(reply.error.message);
      const { rows, differingLines, characters } = reply.value;
      const summary = {
        characters,
        tokenizers: rows.map(({ tokenizer, tokens, exact, charactersPerToken, splitWords }) => ({
          tokenizer,
          tokens,
          exact,
          charactersPerToken: Number(charactersPerToken.toFixed(3)),
          splitWords,
        })),
      };
      const full = {
        ...summary,
        mostDifferentLines: differingLines.map(({ line, tokens }) => ({ line: line + 1, tokens })),
      };
      // The caller may have room for less; the lines are what it can do without.
      return json((await fits(full, tokenizationOptions, token)) ? full : summary);
    },
  };
  const registered = vscode.Disposable.from(
    vscode.lm.registerTool(TOOLS.countTokens, countTokens),
    vscode.lm.registerTool(TOOLS.compareTokenizers, compareTokenizers),
  );
  return {
    dispose: () => {
      registered.dispose();
    },
  };
}
