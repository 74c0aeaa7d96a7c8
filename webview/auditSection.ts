// The stealability audit: three small charts (precision, coverage, removal against completions used), one line an attacker
// and its control dashed beside it, and the same numbers as a table with what the solver said.
import { dataTable } from './dataTable';
import { element, svgElement } from './elements';
import { l10n } from './language';
import type { AuditRow, AuditView } from '../src/shared/watermarkProtocol';
import type { NumberFormat } from './numberFormat';

const width = 220;
const height = 120;
const margin = { left: 34, right: 8, top: 8, bottom: 22 };

interface Measure {
  readonly title: string;
  readonly value: (row: AuditRow) => number | null;
}
const measures: readonly Measure[] = [
  { title: l10n.t('Precision of what was stolen'), value: ({ precision }) => precision },
  { title: l10n.t('Green tokens known'), value: ({ coverage }) => coverage },
  { title: l10n.t('Marks hidden by 20 % changes'), value: ({ removal }) => removal },
];

export function auditSection(audit: AuditView | null, format: NumberFormat, start: () => void): HTMLElement {
  const button = element('vscode-button', { appearance: 'secondary' }, l10n.t('Audit my mark…'));
  button.addEventListener('click', start);
  return element(
    'section',
    { 'aria-label': l10n.t('How stealable is my mark?') },
    element('div', { class: 'part-head' }, element('h3', {}, l10n.t('How stealable is my mark?')), button),
    audit === null
      ? element(
          'p',
          { class: 'note' },
          l10n.t(
            'Attackers see texts of your own model under your own key, and held-out texts show what they learned.',
          ),
        )
      : auditResult(audit, format),
  );
}

function auditResult(audit: AuditView, format: NumberFormat): HTMLElement {
  const attackers = [...new Set(audit.rows.map(({ attacker }) => attacker))];
  return element(
    'div',
    { class: 'audit' },
    element('p', {}, audit.title),
    element('p', { class: 'note' }, audit.done ? audit.source : l10n.t('{0} · still running', audit.source)),
    element(
      'ul',
      { class: 'audit-legend', 'aria-label': l10n.t('Legend') },
      ...attackers.map((attacker, i) => element('li', {}, marker(i), ` ${attacker}`)),
      element('li', {}, controlSample(), ` ${l10n.t('control: no text was marked')}`),
    ),
    element(
      'div',
      { class: 'audit-charts' },
      ...measures.map((measure) => chart(measure, audit, attackers, format)),
    ),
    table(audit, format),
    element('p', { class: 'note' }, audit.limits),
  );
}

/** Shape of an attacker's points: told apart without colour. */
function shape(attacker: number, x: number, y: number): SVGElement {
  const series = `series-${attacker % 4}`;
  switch (attacker % 4) {
    case 0:
      return svgElement('circle', { class: `audit-point ${series}`, cx: x, cy: y, r: 3.5 });
    case 1:
      return svgElement('rect', { class: `audit-point ${series}`, x: x - 3, y: y - 3, width: 6, height: 6 });
    case 2:
      return svgElement('path', { class: `audit-point ${series}`, d: `M${x} ${y - 4}l4 7h-8Z` });
    default:
      return svgElement('path', {
        class: `audit-point ${series}`,
        d: `M${x} ${y - 4.5}l4.500 4.500-4.500 4.500-4.500-4.500Z`,
      });
  }
}

function marker(attacker: number): SVGElement {
  return svgElement(
    'svg',
    { class: 'audit-marker', viewBox: '0 0 24 12', width: 24, height: 12, 'aria-hidden': 'true' },
    svgElement('path', { class: `audit-line series-${attacker % 4}`, d: 'M0 6h24' }),
    shape(attacker, 12, 6),
  );
}

function controlSample(): SVGElement {
  return svgElement(
    'svg',
    { class: 'audit-marker', viewBox: '0 0 24 12', width: 24, height: 12, 'aria-hidden': 'true' },
    svgElement('path', { class: 'audit-line control', d: 'M0 6h24' }),
  );
}

function chart(
  { title, value }: Measure,
  audit: AuditView,
  attackers: readonly string[],
  format: NumberFormat,
): HTMLElement {
  const largest = Math.max(1, ...audit.rows.map(({ completions }) => completions));
  const x = (completions: number): number =>
    margin.left + (completions / largest) * (width - margin.left - margin.right);
  const y = (share: number): number => margin.top + (1 - share) * (height - margin.top - margin.bottom);
  const line = (rows: readonly AuditRow[]): string =>
    rows
      .flatMap((row) => {
        const share = value(row);
        return share === null ? [] : [`${x(row.completions).toFixed(1)} ${y(share).toFixed(1)}`];
      })
      .map((point, i) => `${i === 0 ? 'M' : 'L'}${point}`)
      .join('');
  const text = (content: string, at: { x: number; y: number; anchor: string }): SVGElement =>
    svgElement('text', { x: at.x, y: at.y, 'text-anchor': at.anchor, class: 'audit-label' }, content);
  const parts: SVGElement[] = [0, 0.5, 1].flatMap((share) => [
    svgElement('path', { class: 'audit-grid', d: `M${margin.left} ${y(share)}H${width - margin.right}` }),
    text(format.percent(share), { x: margin.left - 4, y: y(share) + 4, anchor: 'end' }),
  ]);
  for (const completions of new Set(audit.rows.map((row) => row.completions)))
    parts.push(text(format.whole(completions), { x: x(completions), y: height - 6, anchor: 'middle' }));
  attackers.forEach((attacker, i) => {
    const rows = audit.rows.filter((row) => row.attacker === attacker);
    parts.push(
      svgElement('path', { class: 'audit-line control', d: line(rows.filter(({ control }) => control)) }),
    );
    const real = rows.filter(({ control }) => !control);
    parts.push(svgElement('path', { class: `audit-line series-${i % 4}`, d: line(real) }));
    for (const row of real) {
      const share = value(row);
      if (share !== null) parts.push(shape(i, x(row.completions), y(share)));
    }
  });
  return element(
    'figure',
    {},
    element('figcaption', {}, title),
    svgElement(
      'svg',
      { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': l10n.t('{0}, see the table', title) },
      ...parts,
    ),
  );
}

function table(audit: AuditView, format: NumberFormat): HTMLElement {
  const share = (value: number | null | undefined): string =>
    value === null || value === undefined ? '–' : format.percentInColumn(value);
  const rows = audit.rows
    .filter(({ control }) => !control)
    .map((row) => {
      const control = audit.rows.find(
        (each) => each.control && each.attacker === row.attacker && each.completions === row.completions,
      );
      const numbers = [
        format.whole(row.completions),
        format.whole(row.stolen),
        share(row.precision),
        share(row.coverage),
        share(row.removal),
        share(control?.precision),
      ];
      return element(
        'tr',
        {},
        element('th', { scope: 'row' }, row.attacker),
        ...numbers.map((number) => element('td', { class: 'number' }, number)),
        element('td', {}, row.solver),
      );
    });
  return dataTable({
    caption: l10n.t('How much each attacker learned'),
    region: l10n.t('Audit as a table'),
    columns: [
      { title: l10n.t('Attacker') },
      { title: l10n.t('Texts'), number: true },
      { title: l10n.t('Stolen'), number: true },
      { title: l10n.t('Precision'), number: true },
      { title: l10n.t('Known'), number: true },
      { title: l10n.t('Hidden'), number: true },
      { title: l10n.t('Control (chance {0})', share(audit.share)), number: true },
      { title: l10n.t('Solver') },
    ],
    rows,
    look: 'audit-table',
  });
}
