// The inspector's few icons, drawn for it on a 16 × 16 grid in the current text colour. They are decoration: the
// control that carries one has a label of its own.
import { svgElement } from './elements';

const paths = {
  pin: 'M9.5 1.8 14.2 6.500l-1.1 1.1-.9-.2-2.700 2.700.2 2.600-1.100 1.100-3-3-3.600 3.600-.7-.7L4.900 10 1.900 7l1.100-1.100 2.600.2 2.700-2.700-.2-.9Z',
  text: 'M2 3.500h12M2 6.500h9M2 9.500h12M2 12.500h6',
  table: 'M2 3h12v10H2ZM2 6.300h12M2 9.600h12M6 3v10',
  next: 'M4 6l4 4 4-4',
  previous: 'M4 10l4-4 4 4',
  whitespace: 'M13 3H7.500a3 3 0 0 0 0 6H9m0-6v10m3-10v10',
  close: 'M4 4l8 8m0-8-8 8',
  warning: 'M8 2 14.5 13.500h-13ZM8 6.500v3.500m0 1.500v.5',
  info: 'M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12M8 7.200v4M8 4.600v.6',
} as const;
export type IconName = keyof typeof paths;

export function icon(name: IconName): SVGElement {
  return svgElement(
    'svg',
    { class: 'icon', viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true', focusable: 'false' },
    svgElement('path', { d: paths[name] }),
  );
}
