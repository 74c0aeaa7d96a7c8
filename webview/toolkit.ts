// The only import of the UI toolkit, so that its successor (same tag names) is one file away. `badge` and `tag` are
// left out on purpose: they set inline style attributes, which the strict content security policy forbids.
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodePanelTab,
  vsCodePanelView,
  vsCodePanels,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';

/** The parts of the toolkit's elements that the inspector uses. */
export interface ButtonElement extends HTMLElement {
  disabled: boolean;
}
export interface DropdownElement extends HTMLElement {
  value: string;
  disabled: boolean;
}
export interface TextFieldElement extends HTMLElement {
  value: string;
}
export interface PanelsElement extends HTMLElement {
  /** Id of the selected tab's element. */
  activeid: string;
}

declare global {
  interface HTMLElementTagNameMap {
    'vscode-button': ButtonElement;
    'vscode-dropdown': DropdownElement;
    'vscode-text-field': TextFieldElement;
    'vscode-panels': PanelsElement;
  }
}

/** Defines the elements <vscode-button> and so on; call once, before the first of them is made. */
export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodeCheckbox(),
    vsCodeDropdown(),
    vsCodeOption(),
    vsCodePanels(),
    vsCodePanelTab(),
    vsCodePanelView(),
    vsCodeTextField(),
  );
}
