// One part of "Why these drafts": what is seen, in a sentence or two, and the figures below it.
import { element, type Child } from './elements';

export function whyPart(lead: string, ...figures: readonly Child[]): HTMLElement {
  return element('div', { class: 'why-body' }, element('p', { class: 'why-lead' }, lead), ...figures);
}
