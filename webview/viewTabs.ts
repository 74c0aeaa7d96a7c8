// The tab bar and the view below it. With a single view there is nothing to choose, so the bar stays away. Views are
// mounted when first looked at and keep their place afterwards.
import { element } from './elements';
import { l10n } from './language';
import type { HostEvent, PanelDocument, ViewId } from '../src/shared/panelProtocol';
import type { MountedView, PanelView, ViewContext } from './viewRegistry';
import type { PanelsElement } from './toolkit';

export class ViewTabs {
  readonly element: HTMLElement;
  private readonly bar: PanelsElement | undefined;
  private readonly host = element('main', { class: 'view-host' });
  private readonly mounted = new Map<ViewId, MountedView>();
  private readonly views: ReadonlyMap<string, PanelView>;
  private current: ViewId;
  private document: PanelDocument = { state: 'none' };

  constructor(
    views: readonly PanelView[],
    private readonly context: ViewContext,
  ) {
    this.views = new Map(views.map((view) => [view.id, view]));
    const remembered = this.views.get(context.state.current.view) ?? views[0];
    if (!remembered) throw new Error('The inspector has no views.');
    this.current = remembered.id;
    this.bar = views.length > 1 ? this.createBar(views) : undefined;
    const navigation = this.bar ? element('nav', { 'aria-label': l10n.t('Views') }, this.bar) : null;
    this.element = element('div', { class: 'views' }, navigation, this.host);
    this.select(this.current, false);
  }

  /** Goes to a view; `focus` moves the keyboard there. */
  select(id: ViewId, focus: boolean): void {
    const view = this.views.get(id);
    if (!view) return;
    this.current = id;
    this.context.state.update({ view: id });
    if (this.bar && this.bar.activeid !== `tab-${id}`) this.bar.activeid = `tab-${id}`;
    let shown = this.mounted.get(id);
    if (!shown) {
      shown = view.mount(this.context);
      this.mounted.set(id, shown);
      this.host.append(shown.element);
    }
    for (const { element: node } of this.mounted.values()) node.hidden = node !== shown.element;
    shown.show(this.document);
    if (focus) shown.focus();
  }

  show(document: PanelDocument): void {
    this.document = document;
    this.mounted.get(this.current)?.show(document);
  }

  /** Passes an event on. Where the cursor is matters only to the view in front. */
  handle(event: HostEvent): void {
    for (const [id, view] of this.mounted)
      if (event.type !== 'cursor' || id === this.current) view.handle(event);
  }

  private createBar(views: readonly PanelView[]): PanelsElement {
    const bar = element('vscode-panels', { class: 'tab-bar', 'aria-label': l10n.t('Views') });
    for (const { id, title } of views) bar.append(element('vscode-panel-tab', { id: `tab-${id}` }, title));
    // The toolkit wires its tabs only when it has as many panels; ours stay empty, since the views need the whole page.
    for (const { id } of views) bar.append(element('vscode-panel-view', { id: `panel-${id}` }));
    bar.addEventListener('change', () => {
      const id = bar.activeid.replace(/^tab-/u, '');
      const view = this.views.get(id);
      if (view && this.mounted.get(view.id)?.element.hidden !== false) this.select(view.id, false);
    });
    return bar;
  }
}
