// Language-model tools: an agent can ask how many tokens a text or file has, and how tokenizers compare on it. Results
// are short JSON, errors are written for the model: what was wrong and what to send instead.
import * as vscode from 'vscode';
import type { ChosenModels } from '../chosenModel';
import { findModel, similarModelIds } from '../core/pricing/modelCatalogue';
import { modelTokenCount, requestCost } from '../core/pricing/requestCost';
import { decodeFile } from '../core/files/textDetection';
import { ENCODING_NAMES, isEncodingName } from '../core/tokenizers/encodings';
import type { EngineClient } from '../engine/engineClient';
import { TOOLS } from '../ids';

interface TextInput {
  readonly text?: string;
  readonly filePath?: string;
}
export interface CountTokensInput extends TextInput {
  readonly encoding?: string;
  readonly model?: string;
}
export interface CompareTokenizersInput extends TextInput {
  readonly encodings?: readonly string[];
}

/** Files an agent may count: larger ones would take seconds of everybody's time. */
const MAX_BYTES = 20_000_000;
const DEFAULT_COMPARISON = ['o200k_base', 'cl100k_base', 'gpt2'];

export function registerTokenTools(
  engine: EngineClient,
  models: ChosenModels,
  tokenizerOf: (uri: vscode.Uri | undefined) => string,
): { dispose(): void } {
  const countTokens: vscode.LanguageModelTool<CountTokensInput> = {
    prepareInvocation: ({ input }) => ({
      invocationMessage: vscode.l10n.t('Counting tokens of {0}', subject(input)),
    }),
    invoke: async ({ input }, token) => {
      const { text, uri } = await textOf(input);
      const model =
        input.model === undefined ? models.forScope(uri) : findModel(models.catalogue, input.model);
      if (input.model !== undefined && model === undefined) {
        const similar = similarModelIds(models.catalogue, input.model).join(', ');
        throw new Error(
          `Unknown model "${input.model}".${similar === '' ? '' : ` Known ids like it: ${similar}.`} Leave "model" out to count with an encoding.`,
        );
      }
      const encoding = input.encoding ?? model?.tokenizer.encoding ?? tokenizerOf(uri);
      checkEncoding(encoding);
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
        encoding,
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
    invoke: async ({ input }, token) => {
      const { text } = await textOf(input);
      const tokenizers = input.encodings ?? DEFAULT_COMPARISON;
      if (tokenizers.length === 0)
        throw new Error('"encodings" is empty; name at least one, or leave it out.');
      tokenizers.forEach(checkEncoding);
      const reply = await engine.request(
        'compareTokenizers',
        { tokenizers, text, most: 3 },
        { cancellation: token },
      );
      if (!reply.ok) throw new Error(reply.error.message);
      const { rows, differingLines, characters } = reply.value;
      return json({
        characters,
        tokenizers: rows.map(({ tokenizer, tokens, exact, charactersPerToken, splitWords }) => ({
          tokenizer,
          tokens,
          exact,
          charactersPerToken: Number(charactersPerToken.toFixed(3)),
          splitWords,
        })),
        mostDifferentLines: differingLines.map(({ line, tokens }) => ({ line: line + 1, tokens })),
      });
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

function json(value: unknown): vscode.LanguageModelToolResult {
  return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(JSON.stringify(value))]);
}

function subject(input: TextInput): string {
  return input.filePath ?? vscode.l10n.t('{0} characters of text', input.text?.length ?? 0);
}

function checkEncoding(name: string): void {
  if (!isEncodingName(name) && !name.startsWith('file:')) {
    throw new Error(`Unknown encoding "${name}". Use one of: ${ENCODING_NAMES.join(', ')}.`);
  }
}

/** The text that the input names: given outright, or a file of the workspace by absolute or relative path. */
async function textOf(
  input: TextInput,
): Promise<{ readonly text: string; readonly uri: vscode.Uri | undefined }> {
  if (typeof input.text === 'string') return { text: input.text, uri: undefined };
  if (typeof input.filePath !== 'string' || input.filePath === '') {
    throw new Error('Send either "text" (the text to count) or "filePath" (a file in the workspace).');
  }
  const uri = uriOfPath(input.filePath);
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open !== undefined) return { text: open.getText(), uri };
  let bytes: Uint8Array;
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > MAX_BYTES)
      throw new Error(`it has ${size} bytes, more than the ${MAX_BYTES} that can be counted at once`);
    bytes = await vscode.workspace.fs.readFile(uri);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `"${input.filePath}" cannot be counted: ${reason}. Send a path inside the workspace, or send "text".`,
      { cause: error },
    );
  }
  const decoded = decodeFile(bytes);
  if (decoded.kind === 'binary') throw new Error(`"${input.filePath}" is a binary file and has no tokens.`);
  return { text: decoded.text, uri };
}

/** Only files of the workspace: an agent must not use the tool to probe the rest of the disk. */
function uriOfPath(path: string): vscode.Uri {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const absolute = /^([a-zA-Z]:)?[\\/]/.test(path);
  for (const folder of folders) {
    const uri = absolute ? vscode.Uri.file(path) : vscode.Uri.joinPath(folder.uri, path);
    if (vscode.workspace.getWorkspaceFolder(uri) !== undefined) return uri;
  }
  throw new Error(
    `"${path}" is not in an open workspace folder. Send a path inside the workspace, or send "text".`,
  );
}
