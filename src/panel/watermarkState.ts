// What the Watermark view shows: saved schemes, the latest finding and the hidden characters of one document, in words.
import * as vscode from 'vscode';
import { schemeFromText } from '../core/watermark/schemeCatalogue';
import type { PValueKind } from '../core/watermark/significance/nullModel';
import type { AttackResult } from '../core/watermark/stealing/stealabilityAudit';
import type { HiddenReport } from '../editor/hiddenCharacterReports';
import { runText } from '../editor/hiddenRuns';
import { MIXED_INTEGER_LIMIT, type AuditRun } from '../editor/watermarkAudit';
import type { WatermarkFinding } from '../editor/watermarkChecks';
import type { SchemeFinding } from '../editor/watermarkCombination';
import type { SavedScheme } from '../editor/watermarkSchemeStore';
import { flaggedSpan } from '../editor/watermarkTokenSpans';
import type { ToolComparison } from '../editor/watermarkToolComparison';
import { caveats, chanceSentence, powerSentence, scientific, verdictTitle } from '../editor/watermarkWording';
import type {
  AuditRow,
  AuditView,
  HiddenRunView,
  WatermarkFact,
  WatermarkReportView,
  WatermarkResultView,
  WatermarkSchemeRow,
} from '../shared/watermarkProtocol';

/** Runs of hidden characters that are listed; the Problems view has the others. */
const RUNS_LISTED = 100;
/** Kinds that can change what code does or carry a message. */
const GRAVE: readonly string[] = ['zero-width', 'bidirectional', 'tag', 'variation'];

const translate = vscode.l10n.t;
const numbers = (): Intl.NumberFormat => new Intl.NumberFormat(vscode.env.language);

/** With so many decimals, as the reader writes numbers. */
const decimals = (value: number, digits: number): string =>
  new Intl.NumberFormat(vscode.env.language, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);

export function schemeRow(saved: SavedScheme): WatermarkSchemeRow {
  const { id, name, scheme, fingerprint, tokenizer, vocabularySize, distortionFree } = saved;
  return { id, name, scheme, fingerprint, tokenizer, vocabularySize, distortionFree };
}

export function reportView(document: vscode.TextDocument, finding: WatermarkFinding): WatermarkReportView {
  const { verdict, findings, strongest, scope, stale } = finding;
  const best = findings[strongest];
  return {
    verdict,
    title: verdictTitle(verdict, translate),
    chance: best === undefined || verdict === 'too-little-text' ? '' : chanceOf(best),
    scope:
      scope.kind === 'file'
        ? translate('Whole file')
        : scope.first === scope.last
          ? translate('Line {0}', scope.first)
          : translate('Lines {0}–{1}', scope.first, scope.last),
    stale,
    results: findings.map((each) => resultView(document, finding, each)),
    strongest,
    caveats: caveats(translate),
  };
}

const chanceOf = ({ result }: SchemeFinding): string =>
  chanceSentence(result.correctedP, numbers(), translate);

function resultView(
  document: vscode.TextDocument,
  finding: WatermarkFinding,
  each: SchemeFinding,
): WatermarkResultView {
  const { saved, result } = each;
  const format = numbers();
  const span = flaggedSpan(each);
  const range =
    span === undefined || finding.stale
      ? null
      : { start: finding.start + span.start, end: finding.start + span.end };
  return {
    id: saved.id,
    name: saved.name,
    verdict: result.verdict,
    title: verdictTitle(result.verdict, translate),
    chance: chanceOf(each),
    facts: factsOf(each, finding.findings.length, format),
    power: powerSentence(result.power, result.scored, format, translate),
    comparison: each.comparison === undefined ? null : comparisonFacts(each.comparison),
    notes: result.notes,
    range: range && { ...range, label: linesOf(document, range.start, range.end) },
    tokens: each.ids.length,
    firstFlagged: result.range?.start ?? 0,
  };
}

function factsOf(each: SchemeFinding, tried: number, format: Intl.NumberFormat): WatermarkFact[] {
  const { result, tokenizer } = each;
  const facts = [
    { label: translate('Scheme'), value: result.scheme },
    { label: translate('Key fingerprint'), value: result.keyFingerprint },
    { label: translate('Tokenizer'), value: tokenizer },
    { label: translate('Vocabulary size'), value: format.format(result.vocabularySize) },
    { label: translate('Tokens scored'), value: format.format(result.scored) },
    { label: translate('Tokens ignored'), value: format.format(result.ignored) },
    {
      label: translate('Statistic'),
      value: `${format.format(result.statistic)} ${result.statisticName}`,
    },
    { label: translate('p of the whole text'), value: `${scientific(result.p)} (${kindOfP(result.pKind)})` },
    {
      label: translate('Tests made'),
      value:
        tried === 1
          ? format.format(result.tests)
          : translate('{0}, and {1} schemes', format.format(result.tests), tried),
    },
    { label: translate('p after correction'), value: scientific(result.correctedP) },
  ];
  return facts;
}

function kindOfP(kind: PValueKind): string {
  switch (kind) {
    case 'exact binomial':
      return translate('exact binomial');
    case 'exact hypergeometric':
      return translate('exact hypergeometric');
    case 'exact gamma':
      return translate('exact gamma');
    case 'exact weighted sum':
      return translate('exact weighted sum');
    case 'permutation':
      return translate('permutation');
    case 'analytic blocks':
      return translate('analytic blocks');
  }
}

function comparisonFacts({ label, z, p, statistic }: ToolComparison): WatermarkFact[] {
  return [
    { label: translate('Its own counting'), value: label },
    ...(statistic === null ? [] : [{ label: translate('Its statistic'), value: statistic }]),
    ...(z === null ? [] : [{ label: translate('Its z'), value: decimals(z, 3) }]),
    {
      label: translate('Its p'),
      value: p === null ? translate('it states none') : scientific(p),
    },
  ];
}

function linesOf(document: vscode.TextDocument, start: number, end: number): string {
  const first = document.positionAt(start).line + 1;
  const last = document.positionAt(end).line + 1;
  return first === last ? translate('line {0}', first) : translate('lines {0}–{1}', first, last);
}

export function hiddenView(
  document: vscode.TextDocument,
  report: HiddenReport,
): { readonly total: number; readonly runs: readonly HiddenRunView[] } {
  return {
    total: report.total,
    runs: report.runs.slice(0, RUNS_LISTED).map((run) => ({
      start: run.start,
      end: run.end,
      line: document.positionAt(run.start).line,
      text: runText(run, translate),
      grave: GRAVE.includes(run.kind),
    })),
  };
}

/** Changing this share of a text's tokens is what "removal" is shown for. */
const REMOVAL_BUDGET = 0.2;

export function auditView({ scheme, source, timeLimitSeconds, results, done }: AuditRun): AuditView {
  const built = schemeFromText(scheme.settings, { key: '1', vocabularySize: scheme.vocabularySize });
  return {
    title: translate('{0}, key {1}', scheme.name, scheme.fingerprint),
    source,
    limits: translate(
      'Solver HiGHS, at most {0} s a program; the mixed-integer attacker up to {1} completions. Lists that depend on the context are not covered.',
      timeLimitSeconds,
      MIXED_INTEGER_LIMIT,
    ),
    share: built.ok && built.value.family === 'fixed-list' ? built.value.gamma : 0.5,
    done,
    rows: results.map(auditRow),
  };
}

function auditRow(result: AttackResult): AuditRow {
  const { attacker, control, completions, stolen, precision, coverage, removal, status, seconds } = result;
  const at = removal.find(({ budget }) => budget === REMOVAL_BUDGET);
  return {
    attacker: attackerName(attacker),
    control,
    completions,
    stolen,
    precision: Number.isFinite(precision) ? precision : null,
    coverage,
    removal: at === undefined || at.detectedBefore === 0 ? 0 : 1 - at.detectedAfter / at.detectedBefore,
    solver:
      attacker === 'frequency'
        ? translate('counting')
        : translate('{0}, {1} s', status, decimals(seconds, 1)),
  };
}

function attackerName(attacker: AttackResult['attacker']): string {
  switch (attacker) {
    case 'frequency':
      return translate('Frequency');
    case 'lp':
      return translate('Linear program');
    case 'lp-with-labels':
      return translate('Linear program, with detector labels');
    case 'mip':
      return translate('Mixed-integer program');
  }
}
