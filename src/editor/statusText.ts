// What the status item says, as plain data: text, tooltip lines and spoken form. Pure, so that every state can be tested
// without an editor. `Translate` is vscode.l10n.t.
import type { DocumentState } from '../engine/documentTracker';
import type { TextCount } from '../engine/engineProtocol';
import type { ModelStatus } from './modelStatus';

export type Translate = (message: string, ...args: (string | number)[]) => string;

export interface StatusSelection {
  readonly count: TextCount;
  /** Number of non-empty selections. */
  readonly selections: number;
}

export interface StatusText {
  readonly text: string;
  /** First line is the heading; each further line is a paragraph. Plain text, not markdown. */
  readonly tooltip: readonly string[];
  /** For screen readers: no symbols. */
  readonly spoken: string;
  readonly severity: 'normal' | 'warning' | 'error';
  /** What a click does when it is not choosing an encoding. */
  readonly action?: 'restart';
}

export interface StatusContext {
  /** Id, or name of a tokenizer file, for the reader. */
  readonly tokenizer: string;
  /** Whether the tokenizer is a file of the user's. */
  readonly fromFile?: boolean;
  readonly numbers: Intl.NumberFormat;
  readonly translate: Translate;
  /** What the chosen model makes of a count; see modelStatus. */
  readonly forModel?: (tokens: number, characters: number) => ModelStatus;
  /** What is wrong with the settings: the number may not be the one that was asked for. */
  readonly problems?: readonly string[];
}

const tokensText = (tokens: number, { numbers, translate }: StatusContext): string =>
  tokens === 1 ? translate('1 token') : translate('{0} tokens', numbers.format(tokens));

function selectionText({ count, selections }: StatusSelection, context: StatusContext): string {
  const { numbers, translate } = context;
  const tokens = tokensText(count.tokens, context);
  const characters = numbers.format(count.characters);
  return selections === 1
    ? translate('Selection: {0}, {1} characters', tokens, characters)
    : translate('{0} selections: {1}, {2} characters', selections, tokens, characters);
}

/** Tokens of the selection as the chosen model would count them, to match the total beside them. */
function selectedTokens(
  selection: StatusSelection,
  forModel: ModelStatus | undefined,
  context: StatusContext,
): string {
  const { tokens, characters } = selection.count;
  const own = forModel === undefined ? tokens : (context.forModel?.(tokens, characters).tokens ?? tokens);
  return context.numbers.format(own);
}

/** The status of a document; undefined state means that nothing is known yet. */
export function statusText(
  state: DocumentState | undefined,
  selection: StatusSelection | undefined,
  context: StatusContext,
): StatusText {
  const { numbers, tokenizer, translate } = context;
  if (state === undefined || (state.kind === 'counting' && state.totals === null)) {
    const text = translate('… tokens');
    return {
      text,
      tooltip: [translate('Counting tokens')],
      spoken: translate('Counting tokens'),
      severity: 'normal',
    };
  }
  if (state.kind === 'unavailable') {
    const stopped = state.error.code === 'stopped';
    const heading = stopped
      ? translate('The token engine has stopped.')
      : translate('Tokens cannot be counted.');
    return {
      text: translate('$(warning) tokens'),
      tooltip: [heading, state.error.message],
      spoken: heading,
      severity: stopped ? 'error' : 'warning',
      // Another encoding helps where the tokenizer is what is missing.
      ...(['tablesMissing', 'badRequest'].includes(state.error.code) ? {} : { action: 'restart' }),
    };
  }
  if (state.kind === 'estimated') {
    const tokens = tokensText(state.tokens, context);
    const reasons = {
      tooLarge: translate(
        'This document is larger than the limit for exact counts, so the number is extrapolated from samples.',
      ),
      timeout: translate('Counting took too long and was ended, so the number is extrapolated from samples.'),
      crashed: translate(
        'Counting this document crashed the engine, so the number is extrapolated from samples.',
      ),
    };
    return {
      text: `≈ ${tokens}`,
      tooltip: [
        translate('About {0}', tokens),
        translate('Estimate · {0}', tokenizer),
        reasons[state.reason],
      ],
      spoken: translate('About {0}', tokens),
      severity: 'normal',
    };
  }
  const totals = state.totals;
  if (totals === null) throw new Error('A counted document has totals.');
  const forModel = context.forModel?.(totals.tokens, totals.characters);
  const encodingExact = totals.provenance.exactness === 'exact';
  const exact = encodingExact && (forModel?.exact ?? true);
  const tokens = tokensText(forModel?.tokens ?? totals.tokens, context);
  const shown = exact ? tokens : `≈ ${tokens}`;
  const tooltip = [
    shown,
    context.fromFile === true
      ? encodingExact
        ? translate('Exact · tokenizer file {0}', totals.provenance.source)
        : translate('Estimate · tokenizer file {0}', totals.provenance.source)
      : encodingExact
        ? translate('Exact · {0} · {1}', totals.tokenizer, totals.provenance.source)
        : translate('Estimate · {0} · {1}', totals.tokenizer, totals.provenance.source),
    translate('{0} characters, {1} bytes', numbers.format(totals.characters), numbers.format(totals.bytes)),
  ];
  if (totals.tokens > 0) {
    const ratio = (total: number): string => (total / totals.tokens).toFixed(2);
    tooltip.push(
      translate('{0} characters and {1} bytes per token', ratio(totals.characters), ratio(totals.bytes)),
    );
  }
  if (forModel !== undefined) tooltip.push(...forModel.lines);
  if (selection !== undefined) tooltip.push(selectionText(selection, context));
  tooltip.push(...(context.problems ?? []));
  if (totals.specialTexts.length > 0) {
    const listed = totals.specialTexts.slice(0, 3).join(', ') + (totals.specialTexts.length > 3 ? ', …' : '');
    tooltip.push(translate('Contains {0}: special-token text, counted here as ordinary text.', listed));
  }
  if (totals.replacementCharacters > 0) {
    tooltip.push(
      translate(
        'Contains {0} replacement characters (U+FFFD): the file may be binary or not valid UTF-8. The count is of the text as decoded by the editor.',
        numbers.format(totals.replacementCharacters),
      ),
    );
  }
  const counted =
    selection === undefined
      ? shown
      : translate('{0} ({1} selected)', shown, selectedTokens(selection, forModel, context));
  const cost = forModel?.cost;
  const withCost = cost === undefined ? counted : `${counted} · ${cost}`;
  const budget = forModel?.budget;
  const warns = budget === 'over' || budget === 'near' || (context.problems ?? []).length > 0;
  const text = warns ? `$(warning) ${withCost}` : withCost;
  const spokenTotal = exact ? tokens : translate('About {0}', tokens);
  return {
    text,
    tooltip,
    spoken:
      selection === undefined
        ? spokenTotal
        : translate('{0} ({1} selected)', spokenTotal, selectedTokens(selection, forModel, context)),
    severity: 'normal',
  };
}

/**
 * The status of a file above 50 MB, whose text VS Code gives to no extension: counted on disk, or, while that runs or
 * where it cannot, extrapolated from its size.
 */
export function diskFileText(
  file: { readonly tokens: number | undefined; readonly bytes: number },
  context: StatusContext,
): StatusText {
  const { numbers, tokenizer, translate } = context;
  const estimated = file.tokens === undefined;
  const tokens = tokensText(file.tokens ?? Math.round(file.bytes / BYTES_PER_TOKEN), context);
  const spoken = estimated ? translate('About {0}', tokens) : tokens;
  return {
    text: estimated ? `≈ ${tokens}` : tokens,
    tooltip: [
      spoken,
      estimated
        ? translate('Estimate · {0} · from the size of the file', tokenizer)
        : translate('Exact · {0} · counted from the file on disk, without unsaved changes', tokenizer),
      translate('{0} bytes', numbers.format(file.bytes)),
      translate('VS Code gives extensions no text of files above 50 MB.'),
    ],
    spoken,
    severity: 'normal',
  };
}

/** Bytes per token of ordinary English text and code under today's large vocabularies. */
const BYTES_PER_TOKEN = 4;
