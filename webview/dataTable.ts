// A table of figures as the views share it: a name for screen readers, one row of column titles, and a box that scrolls
// sideways when the panel is narrow.
import { element } from './elements';

export interface TableColumn {
  /** '' for a column of buttons, which needs no title. */
  readonly title: string;
  /** Whether it holds numbers, which stand right-aligned below a right-aligned title. */
  readonly number?: boolean;
}

export interface TableParts {
  /** Read to a screen reader; not drawn. */
  readonly caption: string;
  readonly columns: readonly TableColumn[];
  /** <tr> elements. */
  readonly rows: readonly HTMLElement[];
  /** Names the scrolling box and gives the keyboard a place in it; not needed when rows hold something to focus. */
  readonly region?: string;
  /** Further classes of the table. */
  readonly look?: string;
}

export function dataTable({ caption, columns, rows, region, look }: TableParts): HTMLElement {
  const titles = columns.map(({ title, number }) =>
    title === ''
      ? element('td', {})
      : element('th', { scope: 'col', class: number === true ? 'number' : undefined }, title),
  );
  const box = region === undefined ? {} : { tabindex: 0, role: 'group', 'aria-label': region };
  return element(
    'div',
    { class: 'table-scroll', ...box },
    element(
      'table',
      { class: look === undefined ? 'data-table' : `data-table ${look}` },
      element('caption', { class: 'live' }, caption),
      element('thead', {}, element('tr', {}, ...titles)),
      element('tbody', {}, ...rows),
    ),
  );
}
