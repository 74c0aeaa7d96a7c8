import * as vscode from 'vscode';
import { appendFileSync } from 'node:fs';
import { COMMANDS, SETTINGS } from '../../src/ids';
import { closeAllEditors, openFile, setSetting, settled } from './editorSession';
const cpu = (): number => { const u = (process as unknown as { threadCpuUsage(): { user: number; system: number } }).threadCpuUsage(); return (u.user + u.system) / 1000; };
async function lag(work: () => Promise<unknown>): Promise<number> {
  let max = 0; let last = cpu(); let stop = false;
  const tick = (): void => { const now = cpu(); max = Math.max(max, now - last); last = now; if (!stop) setImmediate(tick); };
  setImmediate(tick);
  await work();
  await new Promise((r) => setTimeout(r, 1500));
  stop = true;
  return max;
}
const han = Array.from({ length: 200_000 }, (_, i) => String.fromCharCode(0x4e00 + ((i * 7919) % 20000))).join('');
const mini = Array.from({ length: 60_000 }, (_, i) => `function a${i}(b,c){return b*${i}+c}`).join(';').slice(0, 2_000_000);
const texts: Record<string, string> = { a: 'a'.repeat(200_000), han, mini, big: 'const value = items.map((item) => item.id);\n'.repeat(600_000) };
const say = (line: string): void => appendFileSync('/tmp/lag.txt', line + '\n');
describe('lag probe', function () {
  this.timeout(600_000);
  for (const [name, text] of Object.entries(texts))
    it(name, async () => {
      await setSetting(SETTINGS.statusBarShow, false);
      const off = await lag(() => openFile(`lag-off-${name}.txt`, text));
      await closeAllEditors();
      await setSetting(SETTINGS.statusBarShow, true);
      let editor!: vscode.TextEditor;
      const on = await lag(async () => { editor = await openFile(`lag-${name}.txt`, text); await settled(editor.document, 120); });
      const state = await settled(editor.document, 120);
      const edit = await lag(async () => { for (let i = 0; i < 5; i++) { await editor.edit((b) => b.insert(editor.document.positionAt(text.length >> 1), 'x')); await settled(editor.document, 120); } });
      const select = await lag(async () => { editor.selection = new vscode.Selection(new vscode.Position(0, 0), editor.document.positionAt(text.length)); await new Promise((r) => setTimeout(r, 1500)); });
      const bounds = await lag(async () => { await vscode.commands.executeCommand(COMMANDS.toggleBoundaries); await new Promise((r) => setTimeout(r, 2000)); });
      await vscode.commands.executeCommand(COMMANDS.toggleBoundaries);
      const panel = await lag(async () => { await vscode.commands.executeCommand(COMMANDS.openInspector); await new Promise((r) => setTimeout(r, 3000)); });
      const compare = await lag(async () => { await vscode.commands.executeCommand(COMMANDS.compareTokenizers); await new Promise((r) => setTimeout(r, 3000)); });
      say(JSON.stringify({ name, kind: state.kind, off, on, edit, select, bounds, panel, compare }));
      await closeAllEditors();
    });
});
