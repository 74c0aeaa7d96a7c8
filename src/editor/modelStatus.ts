// What the status item says about the chosen model: its own count, the cost of the text as input, the context window
// and the budget. Pure, like statusText.
import { budgetState, contextGauge, type BudgetState } from '../core/pricing/contextBudget';
import type { Model } from '../core/pricing/modelCatalogue';
import { formatMoney, modelTokenCount, priceAge, requestCost } from '../core/pricing/requestCost';
import type { Translate } from './statusText';

export interface ModelStatusInput {
  readonly model: Model | undefined;
  /** Tokens of the whole document under the model's encoding, or under the chosen encoding without a model. */
  readonly tokens: number;
  readonly characters: number;
  /** Tokens; undefined or 0 for none. */
  readonly fileBudget: number | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly locale: string;
  readonly translate: Translate;
}

export interface ModelStatus {
  readonly tokens: number;
  readonly exact: boolean;
  /** Money for the status bar; undefined without a priced model. */
  readonly cost: string | undefined;
  readonly budget: BudgetState;
  /** Paragraphs for the tooltip. */
  readonly lines: readonly string[];
}

const GAUGE_CELLS = 20;

/** A bar in text, for a tooltip: full cells for the used share, at least one for anything above nothing. */
function gaugeBar(share: number): string {
  const full = Math.min(GAUGE_CELLS, share > 0 ? Math.max(1, Math.round(share * GAUGE_CELLS)) : 0);
  return '█'.repeat(full) + '░'.repeat(GAUGE_CELLS - full);
}

/** Combines count, price, window and budget; never throws for settings that make no sense, it says so in a line. */
export function modelStatus(input: ModelStatusInput): ModelStatus {
  const { model, characters, fileBudget, now, locale, translate } = input;
  const numbers = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const lines: string[] = [];
  if (model === undefined) {
    return { tokens: input.tokens, exact: true, cost: undefined, lines, budget: budgetLine(input.tokens) };
  }
  const count = modelTokenCount(model.tokenizer, input.tokens);
  if (count.exact) lines.push(translate('Counted for {0}', model.name));
  else {
    const method = model.tokenizer.method ?? model.tokenizer.encoding;
    lines.push(translate('Estimated for {0}: {1}', model.name, method));
    if (count.low !== undefined && count.high !== undefined) {
      const range = [numbers.format(count.low), numbers.format(count.high)] as const;
      lines.push(translate('By measured error the true count is between {0} and {1}', ...range));
    } else lines.push(translate('The error of this estimate has not been measured'));
  }
  const cost = requestCost(model, { input: count.tokens });
  if (cost === undefined) lines.push(translate('No price is known for {0}', model.name));
  else {
    const total = formatMoney(cost.total, cost.currency, locale);
    const age = priceAge(model, now);
    const rate = formatMoney(cost.inputRate, cost.currency, locale);
    const source = model.source ?? translate('your settings');
    const date = model.date ?? '';
    lines.push(translate('{0} as input, at {1} per million tokens', total, rate));
    if (age === undefined) lines.push(translate('Price from {0}, without a date', source));
    else if (age.old)
      lines.push(translate('Price of {0}: {1} days old, check it at {2}', date, age.days, source));
    else lines.push(translate('Price of {0}, {1}', date, source));
  }
  if (model.note !== undefined) lines.push(model.note);
  if (model.contextWindow !== undefined) {
    const gauge = contextGauge(model.contextWindow, count.tokens, characters);
    const used = percent.format(gauge.share);
    const window = numbers.format(gauge.limit);
    lines.push(`${gaugeBar(gauge.share)} ${used}`);
    if (gauge.left < 0)
      lines.push(
        translate(
          '{0} of the context window of {1} tokens: {2} tokens too many',
          used,
          window,
          numbers.format(-gauge.left),
        ),
      );
    else if (gauge.charactersLeft === undefined)
      lines.push(translate('{0} of the context window of {1} tokens', used, window));
    else
      lines.push(
        translate(
          '{0} of the context window of {1} tokens; {2} left, about {3} characters like these',
          used,
          window,
          numbers.format(gauge.left),
          numbers.format(gauge.charactersLeft),
        ),
      );
  }
  return {
    tokens: count.tokens,
    exact: count.exact,
    cost: cost === undefined ? undefined : formatMoney(cost.total, cost.currency, locale),
    budget: budgetLine(count.tokens),
    lines,
  };

  function budgetLine(tokens: number): BudgetState {
    if (fileBudget === undefined) return 'unset';
    if (!Number.isInteger(fileBudget) || fileBudget < 0) {
      lines.push(
        translate('The file budget in the settings must be a whole number of tokens; it is ignored.'),
      );
      return 'unset';
    }
    const state = budgetState(fileBudget, tokens);
    const share = fileBudget === 0 ? '' : percent.format(tokens / fileBudget);
    if (state === 'over')
      lines.push(translate('Over the file budget of {0} tokens ({1})', numbers.format(fileBudget), share));
    else if (state === 'near')
      lines.push(translate('Near the file budget of {0} tokens ({1})', numbers.format(fileBudget), share));
    else if (state !== 'unset')
      lines.push(translate('{1} of the file budget of {0} tokens', numbers.format(fileBudget), share));
    return state;
  }
}
