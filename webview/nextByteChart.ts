// The next byte under exact, token-level and healed prompting and over all token paths: strips of 257 bars over one axis, then
// the most probable bytes as a table. Strips are drawn as SVG in theme colours; the table says the same in numbers.
import { byteName, byteZones, END_OUTCOME } from './byteNames';
import { dataTable } from './dataTable';
import { element, svgElement } from './elements';
import { l10n } from './language';
import { shareBar } from './shareBar';
import { whyPart } from './whyPart';
import type { NumberFormat } from './numberFormat';
import type { PanelNextByte } from '../src/shared/draftsProtocol';

const ROWS = 12;
/** Width of one outcome and height of a strip, in units of the drawing. */
const STEP = 4;
const HEIGHT = 40;

const insideCharacter = l10n.t('has no answer: the text ends inside a character');
const methods = [
  { key: 'exact', name: l10n.t('Exact (P_canon)'), series: 1, absent: '' },
  {
    key: 'allPaths',
    name: l10n.t('All paths (P_all)'),
    series: 2,
    absent: l10n.t('has no answer: too many token paths spell the text before the cursor'),
  },
  { key: 'tokenLevel', name: l10n.t('Token level'), series: 2, absent: insideCharacter },
  { key: 'healing', name: l10n.t('Token healing'), series: 2, absent: insideCharacter },
] as const;

export function nextByteChart(next: PanelNextByte, format: NumberFormat): HTMLElement {
  const order = Array.from(next.exact.keys()).sort((a, b) => weight(next, b) - weight(next, a) || a - b);
  const shown = order.slice(0, ROWS).filter((byte) => weight(next, byte) > 0);
  const rest = (p: Float64Array | null): number | null =>
    p === null ? null : order.slice(ROWS).reduce((sum, byte) => sum + (p[byte] ?? 0), 0);
  const others = element(
    'tr',
    {},
    element('th', { scope: 'row', class: 'dim' }, l10n.t('all others')),
    element('td', {}),
    ...methods.map(({ key, series }) =>
      element('td', { class: 'share-cell' }, shareBar(rest(next[key]), format, series)),
    ),
  );
  return whyPart(
    l10n.t(
      'What the next byte of the file will be, by four ways to ask the same model. P_canon sums the token paths that the tokenizer can produce, P_all every path that spells the text; the other two depend on where the tokens before the cursor happen to end.',
    ),
    element(
      'div',
      { class: 'strips' },
      ...methods.map(({ key, name, series, absent }) =>
        next[key] === null ? absentStrip(name, absent) : strip(name, next[key], next.exact, series, format),
      ),
      axis(),
    ),
    dataTable({
      caption: l10n.t('Most probable next bytes'),
      region: l10n.t('Next-byte table'),
      columns: [
        { title: l10n.t('Next') },
        { title: l10n.t('Byte'), number: true },
        ...methods.map(({ name }) => ({ title: name })),
      ],
      rows: [
        ...shown.map((byte) => outcomeRow(byte, next, format)),
        ...(order.length > ROWS ? [others] : []),
      ],
    }),
  );
}

/** Rows are chosen by the largest of all, so that a wrong favourite is seen as well. */
const weight = (next: PanelNextByte, byte: number): number =>
  Math.max(...methods.map(({ key, series }) => (next[key]?.[byte] ?? 0) * (series === 1 ? 1 : 0.999)));

function outcomeRow(byte: number, next: PanelNextByte, format: NumberFormat): HTMLElement {
  const { mark, name, hex } = byteName(byte);
  return element(
    'tr',
    {},
    element(
      'th',
      { scope: 'row' },
      element('span', { class: 'chip', 'aria-hidden': 'true' }, mark),
      element('span', { class: 'byte-name' }, name),
    ),
    element('td', { class: 'number dim' }, hex),
    ...methods.map(({ key, series }) =>
      element('td', { class: 'share-cell' }, shareBar(next[key]?.[byte] ?? null, format, series)),
    ),
  );
}

function absentStrip(name: string, why: string): HTMLElement {
  return element(
    'div',
    { class: 'byte-strip' },
    element('span', { class: 'strip-title' }, name),
    element('span', { class: 'dim' }, why),
  );
}

function strip(
  name: string,
  p: Float64Array,
  exact: Float64Array,
  series: 1 | 2,
  format: NumberFormat,
): HTMLElement {
  const head = element('span', { class: 'strip-title' }, name);
  const best = p.indexOf(Math.max(...p));
  const most = p[best] ?? 0;
  const { mark, name: what } = byteName(best);
  const distance = p.reduce((sum, value, byte) => sum + Math.abs(value - (exact[byte] ?? 0)), 0) / 2;
  const drawing = svgElement('svg', {
    class: series === 1 ? 'byte-bars' : 'byte-bars second',
    viewBox: `0 0 ${257 * STEP} ${HEIGHT}`,
    preserveAspectRatio: 'none',
    role: 'img',
    'aria-label': l10n.t('{0}: most probable is {1} ({2}) with {3}', name, mark, what, format.percent(most)),
  });
  p.forEach((value, byte) => {
    if (value < 0.0005) return;
    // The square root keeps improbable bytes in sight.
    const height = Math.sqrt(value) * (HEIGHT - 2);
    drawing.append(
      svgElement('rect', {
        x: byte * STEP + 0.5,
        y: (HEIGHT - height).toFixed(2),
        width: STEP - 1,
        height: height.toFixed(2),
      }),
    );
  });
  drawing.append(svgElement('line', { x1: 0, x2: 257 * STEP, y1: HEIGHT, y2: HEIGHT, class: 'baseline' }));
  const note =
    series === 1
      ? l10n.t('best {0} {1}', mark, format.percent(most))
      : l10n.t(
          'best {0} {1}, {2} of the mass elsewhere than exact',
          mark,
          format.percent(most),
          format.percent(distance),
        );
  return element(
    'div',
    { class: 'byte-strip' },
    element('div', { class: 'strip-head' }, head, element('span', { class: 'dim' }, note)),
    drawing,
  );
}

/** Names of the stretches under the strips, and the end of the text as the last place. */
function axis(): HTMLElement {
  const line = element('div', { class: 'byte-axis', 'aria-hidden': 'true' });
  for (const { first, last, name } of byteZones) {
    const zone = element('span', { title: `0x${first.toString(16)}–0x${last.toString(16)}` }, name);
    zone.style.setProperty('inset-inline-start', `${((first / 257) * 100).toFixed(2)}%`);
    zone.style.setProperty('inline-size', `${(((last - first + 1) / 257) * 100).toFixed(2)}%`);
    line.append(zone);
  }
  const end = element('span', { class: 'axis-end' }, byteName(END_OUTCOME).mark);
  end.style.setProperty('inset-inline-end', '0');
  line.append(end);
  return line;
}
