// Stands for vscode.l10n.t without translations: fills {0}, {1} … in.
export const fillIn = (message: string, ...args: (string | number)[]): string =>
  message.replace(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)]));
