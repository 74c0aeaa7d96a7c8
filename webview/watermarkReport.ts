// A check's report: the verdict with its chance in words, what was tested, the scheme's own numbers for comparison, the
// evidence map, and the two sentences that belong to every result.
import { element } from './elements';
import { l10n } from './language';
import type {
  WatermarkFact,
  WatermarkReportView,
  WatermarkResultView,
} from '../src/shared/watermarkProtocol';
import type { NumberFormat } from './numberFormat';

export interface ReportEvents {
  choose(id: string): void;
  reveal(start: number, end: number): void;
  again(): void;
  clear(): void;
}

export function reportSection(
  report: WatermarkReportView,
  chosen: WatermarkResultView | undefined,
  map: HTMLElement,
  format: NumberFormat,
  events: ReportEvents,
): HTMLElement {
  return element(
    'article',
    { class: report.stale ? 'report stale' : 'report' },
    verdictBanner(report, chosen, events),
    report.stale ? staleNote(events) : null,
    report.results.length > 1 ? resultChoice(report, chosen, format, events) : null,
    chosen === undefined ? null : resultDetails(chosen, report, map),
  );
}

function verdictBanner(
  report: WatermarkReportView,
  chosen: WatermarkResultView | undefined,
  events: ReportEvents,
): HTMLElement {
  const clear = element('vscode-button', { appearance: 'secondary' }, l10n.t('Clear'));
  clear.addEventListener('click', () => events.clear());
  const range = chosen?.range ?? null;
  const jump =
    range === null
      ? null
      : element('button', { type: 'button', class: 'line-jump' }, l10n.t('Strongest in {0}', range.label));
  if (range !== null) jump?.addEventListener('click', () => events.reveal(range.start, range.end));
  return element(
    'div',
    { class: `verdict ${report.verdict}` },
    element('span', { class: 'verdict-mark', 'aria-hidden': 'true' }),
    element(
      'div',
      { class: 'verdict-words' },
      element('h2', {}, report.title),
      report.chance === '' ? null : element('p', { class: 'verdict-chance' }, report.chance),
      element('p', { class: 'verdict-scope' }, `${report.scope}${jump === null ? '' : ' · '}`, jump),
      ...report.caveats.map((caveat) => element('p', { class: 'caveat' }, caveat)),
    ),
    clear,
  );
}

function staleNote(events: ReportEvents): HTMLElement {
  const again = element('vscode-button', { appearance: 'primary' }, l10n.t('Check again'));
  again.addEventListener('click', () => events.again());
  return element(
    'div',
    { class: 'stale-note' },
    element('p', {}, l10n.t('The text has changed since this check.')),
    again,
  );
}

/** All schemes that were tried; the chosen one is shown in full below. */
function resultChoice(
  report: WatermarkReportView,
  chosen: WatermarkResultView | undefined,
  format: NumberFormat,
  events: ReportEvents,
): HTMLElement {
  const rows = report.results.map((result) => {
    const button = element(
      'button',
      { type: 'button', class: 'result-row', 'aria-pressed': result.id === chosen?.id ? 'true' : 'false' },
      element('span', { class: `verdict-mark ${result.verdict}`, 'aria-hidden': 'true' }),
      element('span', { class: 'result-name' }, result.name),
      element('span', { class: 'result-verdict' }, result.title),
    );
    button.addEventListener('click', () => events.choose(result.id));
    return element('li', {}, button);
  });
  return element(
    'div',
    {},
    element('h3', {}, l10n.t('{0} schemes tried, corrected for all of them', format.whole(rows.length))),
    element('ul', { class: 'result-choice' }, ...rows),
  );
}

function resultDetails(
  result: WatermarkResultView,
  report: WatermarkReportView,
  map: HTMLElement,
): HTMLElement {
  return element(
    'div',
    { class: 'result-details' },
    report.stale ? null : element('h3', {}, l10n.t('Evidence token by token')),
    report.stale ? null : map,
    element('h3', {}, l10n.t('What was tested: {0}', result.name)),
    factList(result.facts),
    element('p', { class: 'power' }, result.power),
    result.comparison === null
      ? null
      : element(
          'div',
          { class: 'comparison' },
          element('h3', {}, l10n.t('For comparison: the scheme’s own detector')),
          factList(result.comparison),
          element(
            'p',
            { class: 'note' },
            l10n.t('Not used for the verdict: it counts repeats its own way and corrects for nothing.'),
          ),
        ),
    result.notes.length === 0
      ? null
      : element('ul', { class: 'result-notes' }, ...result.notes.map((note) => element('li', {}, note))),
  );
}

function factList(facts: readonly WatermarkFact[]): HTMLElement {
  return element(
    'dl',
    { class: 'result-facts' },
    ...facts.map(({ label, value }) =>
      element('div', {}, element('dt', {}, label), element('dd', {}, value)),
    ),
  );
}
