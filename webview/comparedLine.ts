// One line of the document as each tokenizer of a comparison cuts it: alternating bands with an edge between tokens,
// and the number of tokens in front.
import { element } from './elements';
import { l10n } from './language';
import type { CompareRow, Comparison } from '../src/shared/panelProtocol';
import type { NumberFormat } from './numberFormat';

type Line = Comparison['lines'][number];

/** The line with one strip for each different way of cutting it; tokenizers that agree share a strip. */
export function comparedLine(
  line: Line,
  rows: readonly CompareRow[],
  format: NumberFormat,
  reveal: (line: number) => void,
): HTMLElement {
  const jump = element(
    'button',
    { class: 'line-jump', title: l10n.t('Go to this line') },
    l10n.t('Line {0}', format.whole(line.line + 1)),
  );
  jump.addEventListener('click', () => reveal(line.line));
  const [first = [], ...others] = rows.map((_, i) => line.cuts[i] ?? []);
  const aligned = new Set(
    others.length === 0 ? [] : first.filter((cut) => others.every((cuts) => cuts.includes(cut))),
  );
  const strips = new Map<string, { names: string[]; tokens: number; cuts: readonly number[] }>();
  rows.forEach((row, i) => {
    const cuts = line.cuts[i] ?? [];
    const tokens = line.tokens[i] ?? 0;
    const key = `${tokens} ${cuts.join(' ')}`;
    const strip = strips.get(key);
    if (strip === undefined) strips.set(key, { names: [row.label], tokens, cuts });
    else strip.names.push(row.label);
  });
  return element(
    'article',
    { class: 'compared-line' },
    element('header', {}, jump),
    ...[...strips.values()].map(({ names, tokens, cuts }) =>
      element(
        'div',
        { class: 'strip' },
        element('span', { class: 'strip-name' }, `${names.join(', ')}: ${format.whole(tokens)}`),
        element('code', { class: 'strip-text' }, ...pieces(line.text, cuts, aligned)),
      ),
    ),
  );
}

/** The text cut at `cuts`, each piece a band; where all tokenizers cut, the edge is heavy. White space stays as it is. */
function pieces(text: string, cuts: readonly number[], aligned: ReadonlySet<number>): HTMLElement[] {
  const ends = [...cuts.filter((cut) => cut > 0 && cut < text.length), text.length];
  let start = 0;
  return ends.map((end, i) => {
    const piece = element(
      'span',
      { class: `token ${i % 2 === 0 ? 'even' : 'odd'}${aligned.has(start) ? ' aligned' : ''}` },
      text.slice(start, end),
    );
    start = end;
    return piece;
  });
}
