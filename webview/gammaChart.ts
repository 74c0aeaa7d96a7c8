// Superposed decoding step by step: which share each draft's newest token had in the one input that all drafts shared. A line
// for each branch (the descendants of one first token), told apart by dash and by a label at its end; the table below has every
// number, with the token of each draft.
import { chip } from './coversTable';
import { dataTable } from './dataTable';
import { element, svgElement } from './elements';
import { l10n } from './language';
import { whyPart } from './whyPart';
import type { NumberFormat } from './numberFormat';
import type { PanelStep } from '../src/shared/draftsProtocol';

const WIDTH = 640;
const HEIGHT = 150;
const LEFT = 40;
const RIGHT = 120;
const TOP = 10;
const BOTTOM = 22;
const dashes = ['', '7 3', '2 3', '9 3 2 3', '1 4', '12 4'];

/** One first token with its descendants: share of the input at each step, and the tokens of its heaviest live draft. */
export interface GammaBranch {
  readonly first: string;
  readonly shares: readonly number[];
  readonly tokens: readonly string[];
}

/** Sums the shares of all drafts that descend from the same first token. */
export function gammaBranches(steps: readonly PanelStep[]): readonly GammaBranch[] {
  const [start] = steps;
  if (start === undefined) return [];
  const branches = start.tokens.map(({ text }) => ({
    first: text,
    shares: [] as number[],
    tokens: [] as string[],
  }));
  let origin = start.tokens.map((_, i) => i);
  for (const { tokens, gamma, parents } of steps) {
    branches.forEach((branch, b) => {
      let share = 0;
      let heaviest = { share: -1, text: '' };
      tokens.forEach(({ text }, i) => {
        if (origin[i] !== b) return;
        const own = gamma[i] ?? 0;
        share += own;
        if (own > heaviest.share) heaviest = { share: own, text };
      });
      branch.shares.push(share);
      branch.tokens.push(heaviest.text);
    });
    origin = parents.map((parent) => origin[parent] ?? -1);
  }
  return branches;
}

export function gammaChart(steps: readonly PanelStep[], format: NumberFormat): HTMLElement {
  const branches = gammaBranches(steps);
  if (branches.length === 0)
    return whyPart(
      l10n.t(
        'Only the superposed method mixes its drafts into one input. Choose it above to see the weights γ of each step.',
      ),
    );
  return whyPart(
    l10n.t(
      'All drafts shared one input at each step: the mean of their newest tokens, weighted by γ. A draft whose γ is small hears mostly the others. Drafts with different left contexts have inputs of their own, each with a sum of 100 %.',
    ),
    chart(branches, format),
    table(branches, format),
  );
}

function chart(branches: readonly GammaBranch[], format: NumberFormat): SVGElement {
  const steps = branches[0]?.shares.length ?? 0;
  const x = (step: number): number => LEFT + (step / Math.max(1, steps - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (share: number): number => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
  const last = branches.map(({ shares }) => shares.at(-1) ?? 0);
  const ends = branches.map(({ first }, i) =>
    l10n.t('“{0}” ends at {1}', first.trim(), format.percent(last[i] ?? 0)),
  );
  const label =
    steps === 1
      ? l10n.t('γ at one step: {0}', ends.join(', '))
      : l10n.t('γ over {0} steps: {1}', format.whole(steps), ends.join(', '));
  const drawing = svgElement('svg', {
    class: 'gamma-chart',
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: 'img',
    'aria-label': label,
  });
  for (const share of [0, 0.5, 1]) {
    drawing.append(
      svgElement('line', { class: 'grid', x1: LEFT, x2: WIDTH - RIGHT, y1: y(share), y2: y(share) }),
      svgElement(
        'text',
        { class: 'tick', x: LEFT - 6, y: y(share) + 4, 'text-anchor': 'end' },
        format.percent(share),
      ),
    );
  }
  const places = spread(
    last.map((share) => y(share)),
    14,
    TOP + 4,
    HEIGHT - BOTTOM,
  );
  branches.forEach(({ first, shares }, b) => {
    const points = shares.map((share, step) => `${x(step).toFixed(1)},${y(share).toFixed(1)}`).join(' ');
    drawing.append(
      svgElement('polyline', {
        class: `gamma-line series-${(b % 2) + 1}`,
        points,
        'stroke-dasharray': dashes[b % dashes.length],
      }),
    );
    shares.forEach((share, step) =>
      drawing.append(
        svgElement('circle', {
          class: `gamma-dot series-${(b % 2) + 1}`,
          cx: x(step).toFixed(1),
          cy: y(share).toFixed(1),
          r: 2.5,
        }),
      ),
    );
    drawing.append(
      svgElement(
        'text',
        { class: 'gamma-label', x: WIDTH - RIGHT + 10, y: (places[b] ?? 0) + 4 },
        `${b + 1}  ${first.trim().slice(0, 12) || '·'}`,
      ),
    );
  });
  for (let step = 0; step < steps; step++)
    if (steps <= 12 || step % 2 === 0)
      drawing.append(
        svgElement(
          'text',
          { class: 'tick', x: x(step), y: HEIGHT - 6, 'text-anchor': 'middle' },
          format.whole(step + 2),
        ),
      );
  return drawing;
}

/** Moves labels apart, keeping their order. */
function spread(wanted: readonly number[], gap: number, least: number, most: number): number[] {
  const order = wanted.map((y, i) => ({ y, i })).sort((a, b) => a.y - b.y);
  const places = [...wanted];
  let next = least;
  for (const { y, i } of order) {
    const place = Math.max(y, next);
    places[i] = place;
    next = place + gap;
  }
  let limit = most;
  for (const { i } of order.reverse()) {
    const place = Math.min(places[i] ?? limit, limit);
    places[i] = place;
    limit = place - gap;
  }
  return places;
}

function table(branches: readonly GammaBranch[], format: NumberFormat): HTMLElement {
  const steps = branches[0]?.shares.length ?? 0;
  const cell = (share: number, text: string): HTMLElement =>
    element(
      'td',
      { class: 'gamma-cell' },
      text === '' ? element('span', { class: 'dim' }, '·') : chip(text),
      element('span', { class: 'chip-share' }, format.percent(share)),
    );
  return dataTable({
    caption: l10n.t('γ of each branch by token position'),
    region: l10n.t('Table of γ'),
    columns: [
      { title: l10n.t('Branch') },
      ...Array.from({ length: steps }, (_, step) => ({ title: l10n.t('token {0}', format.whole(step + 2)) })),
    ],
    rows: branches.map(({ first, shares, tokens }, b) =>
      element(
        'tr',
        {},
        element('th', { scope: 'row' }, `${b + 1}  `, chip(first)),
        ...shares.map((share, step) => cell(share, tokens[step] ?? '')),
      ),
    ),
  });
}
