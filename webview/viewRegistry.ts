// The inspector's views, one file each. To add one: give it an id in src/shared/panelProtocol.ts (viewIds is the tab
// order), write `webview/<name>View.ts` with a PanelView, and add it to the table in panel.ts. Data of its own comes from a
// PanelFeature in src/panel.
import type { CompareChoice, HostEvent, PanelDocument, ViewId } from '../src/shared/panelProtocol';
import type { HostLink } from './hostLink';
import type { NumberFormat } from './numberFormat';
import type { PanelState } from './panelState';

/** What a view gets to work with. */
export interface ViewContext {
  readonly link: HostLink;
  readonly state: PanelState;
  /** Numbers in the reader's language; changes once, when the host has said which. */
  readonly format: () => NumberFormat;
  /** What can be compared; empty until the host has said so. */
  readonly compareChoices: () => readonly CompareChoice[];
  /** Says something to a screen reader, politely. */
  announce(text: string): void;
}

/** A view on the page. It is told about documents and the cursor only while it is the visible one. */
export interface MountedView {
  readonly element: HTMLElement;
  show(document: PanelDocument): void;
  handle(event: HostEvent): void;
  /** Moves the keyboard into the view. */
  focus(): void;
}

export interface PanelView {
  readonly id: ViewId;
  readonly title: string;
  mount(context: ViewContext): MountedView;
}
