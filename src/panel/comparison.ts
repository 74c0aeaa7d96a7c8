// What the Compare view offers (encodings, and models with their prices), and the comparison of a document under the
// chosen ones. Models that share an encoding share one tokenization.
import * as vscode from 'vscode';
import type { ChosenModels } from '../chosenModel';
import { findModel, type Model } from '../core/pricing/modelCatalogue';
import { formatMoney, modelTokenCount, priceAge, requestCost } from '../core/pricing/requestCost';
import type { EngineClient } from '../engine/engineClient';
import { staleReply, type PanelFeature } from './panelFeature';
import type {
  CompareChoice,
  CompareRow,
  Comparison,
  EncodingChoice,
  PanelReply,
} from '../shared/panelProtocol';

const MODEL_PREFIX = 'model:';
/** UTF-16 units; a longer text would take the editor's thread too long to hand over. */
const MAX_UNITS = 8_000_000;
const LINES_SHOWN = 12;
const LINE_UNITS = 240;

export interface ComparisonService {
  choices(): readonly CompareChoice[];
  compare(document: vscode.TextDocument, choices: readonly string[]): Promise<PanelReply>;
}

/** The host's part of the Compare view. */
export function comparisonFeature(service: ComparisonService): PanelFeature {
  return {
    answers: {
      compare: async ({ choices }, { document, version }) => {
        const reply = await service.compare(document, choices);
        return document.version === version ? reply : staleReply;
      },
    },
  };
}

export function createComparisonService(
  engine: EngineClient,
  models: ChosenModels,
  encodings: () => readonly EncodingChoice[],
): ComparisonService {
  const locale = vscode.env.language;
  const modelOf = (choice: string): Model | undefined =>
    choice.startsWith(MODEL_PREFIX)
      ? findModel(models.catalogue, choice.slice(MODEL_PREFIX.length))
      : undefined;
  return {
    choices: () => [
      ...encodings().map(({ id, label, family }) => ({ id, label, detail: family })),
      ...models.catalogue.models.map((model) => ({
        id: MODEL_PREFIX + model.id,
        label: model.name,
        detail: `${model.vendor} · ${model.tokenizer.exactness === 'exact' ? model.tokenizer.encoding : `≈ ${model.tokenizer.encoding}`}`,
      })),
    ],
    compare: async (document, choices) => {
      const known = new Set(encodings().map(({ id }) => id));
      const valid = choices.filter((choice) => known.has(choice) || modelOf(choice) !== undefined);
      if (valid.length === 0)
        return {
          ok: false,
          code: 'refused',
          message: vscode.l10n.t('Choose at least one tokenizer that still exists.'),
        };
      const length = document.offsetAt(document.lineAt(document.lineCount - 1).range.end);
      if (length > MAX_UNITS)
        return {
          ok: false,
          code: 'failed',
          message: vscode.l10n.t('This file is too long to compare; copy a part of it into a new file.'),
        };
      const encodingOf = (choice: string): string => modelOf(choice)?.tokenizer.encoding ?? choice;
      const distinct = [...new Set(valid.map(encodingOf))];
      const text = document.getText();
      const reply = await engine.request('compareTokenizers', {
        tokenizers: distinct,
        text,
        most: LINES_SHOWN,
      });
      if (!reply.ok) return { ok: false, code: 'failed', message: reply.error.message };
      const { rows, differingLines, characters, bytes } = reply.value;
      const at = valid.map((choice) => distinct.indexOf(encodingOf(choice)));
      const result: Comparison = {
        characters,
        bytes,
        rows: valid.flatMap((choice, i): CompareRow[] => {
          const row = rows[at[i] ?? 0];
          if (row === undefined) return [];
          const model = modelOf(choice);
          const label = model?.name ?? encodings().find(({ id }) => id === choice)?.label ?? choice;
          const base = {
            choice,
            label,
            encoding: row.tokenizer,
            words: row.words,
            splitWords: row.splitWords,
            sharedBoundaries: row.sharedBoundaries,
          };
          return [{ ...base, ...countOf(model, row) }];
        }),
        lines: differingLines.map(({ line, start, end, tokens, cuts }) => ({
          line,
          text: text.slice(start, Math.min(end, start + LINE_UNITS)),
          tokens: at.map((index) => tokens[index] ?? 0),
          cuts: at.map((index) => cuts[index] ?? []),
        })),
      };
      return { ok: true, result };
    },
  };

  function countOf(
    model: Model | undefined,
    row: { readonly tokens: number; readonly exact: boolean; readonly source: string },
  ): Pick<CompareRow, 'exactness' | 'source' | 'tokens' | 'cost' | 'priceNote'> {
    if (model === undefined) {
      const exactness = row.exact ? 'exact' : 'estimate';
      return { exactness, source: row.source, tokens: row.tokens, cost: null, priceNote: null };
    }
    const count = modelTokenCount(model.tokenizer, row.tokens);
    const cost = requestCost(model, { input: count.tokens });
    const age = priceAge(model, Date.now());
    const dated = model.date ?? vscode.l10n.t('without a date');
    return {
      exactness: count.exact ? 'exact' : 'estimate',
      source: model.tokenizer.method ?? row.source,
      tokens: count.tokens,
      cost: cost === undefined ? null : formatMoney(cost.total, cost.currency, locale),
      priceNote:
        cost === undefined
          ? null
          : age?.old === true
            ? vscode.l10n.t('price of {0}, {1} days old', dated, age.days)
            : vscode.l10n.t('price of {0}', dated),
    };
  }
}
