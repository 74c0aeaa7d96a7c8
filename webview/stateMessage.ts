// What a view shows when there is nothing to list: no file, an empty file, counting, an estimate without tokens, an
// error. Each says what is the case and what can be done.
import { element } from './elements';

export interface StateAction {
  readonly label: string;
  readonly run: () => void;
  readonly primary?: boolean;
}

/** A centred message with its actions; `busy` adds a quiet progress line. */
export function stateMessage(
  title: string,
  text: string,
  actions: readonly StateAction[] = [],
  busy = false,
): HTMLElement {
  const buttons = actions.map(({ label, run, primary }) => {
    const button = element('vscode-button', { appearance: primary ? 'primary' : 'secondary' }, label);
    button.addEventListener('click', run);
    return button;
  });
  return element(
    'div',
    { class: busy ? 'state-message busy' : 'state-message' },
    element('h2', {}, title),
    element('p', {}, text),
    busy ? element('div', { class: 'progress-line', 'aria-hidden': 'true' }) : null,
    buttons.length > 0 ? element('div', { class: 'state-actions' }, ...buttons) : null,
  );
}
