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
import type { Button, Checkbox, Dropdown, Panels, TextField } from '@vscode/webview-ui-toolkit';

export type { Button, Checkbox, Dropdown, Panels, TextField };

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
