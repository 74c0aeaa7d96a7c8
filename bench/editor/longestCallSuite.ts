// Runs inside the real VS Code: opens files that are hard for tokenizers, with every surface of Tessera on, types into
// them, and writes down the longest time that code of Tessera ran on the extension host's thread without a pause.
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { cpus, loadavg } from 'node:os';
import * as vscode from 'vscode';
import type { TesseraParts } from '../../src/extension';
import { COMMANDS, SETTINGS } from '../../src/ids';
import { longestOwnStretch } from './ownTime';

const EDITS = Number(process.env['TESSERA_BENCH_EDITS'] ?? '20');
/** Long enough for the editor to ask again for lenses and hints, which it does after a pause. */
const AFTER_EDIT_MS = 500;
const SAMPLING_US = 250;
/** Longest time between two samples that is counted; more means that the thread was not running. Microseconds. */
const MOST_GAP_US = 4 * SAMPLING_US;
const LIMIT_MS = 50;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Two megabytes of code without a line break, with the short names of a minifier. */
function minified(): string {
  let text = '';
  for (let i = 0; text.length < 2_000_000; i++) {
    const name = (i * 7919).toString(36);
    text += `function ${name}(a,b){return a[${i}]?b.${name}("${i * 37}"):a&&${name}(b,a)}`;
  }
  return text;
}

const FILES: Readonly<Record<string, () => string>> = {
  '200 000 × a': () => 'a'.repeat(200_000),
  '200 000 CJK characters': () =>
    Array.from({ length: 200_000 }, (_, i) => String.fromCharCode(0x4e00 + ((i * 7919) % 5000))).join(''),
  'one line of 2 MB': minified,
};

async function settle(parts: TesseraParts, document: vscode.TextDocument): Promise<void> {
  for (let waited = 0; waited < 120_000; waited += 50) {
    const state = parts.documents.state(document);
    if (state?.kind === 'estimated') return;
    if (state?.kind === 'counted' && state.totals.version === document.version) return;
    await pause(50);
  }
  throw new Error(`${document.fileName} was not counted within two minutes.`);
}

async function profiled(work: () => Promise<void>): Promise<Awaited<ReturnType<typeof stopped>>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_US });
  await session.post('Profiler.start');
  await work();
  return stopped(session);
}

async function stopped(session: Session): Promise<Parameters<typeof longestOwnStretch>[0]> {
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  return profile;
}

export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension<TesseraParts>('tessera.tessera');
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (extension === undefined || folder === undefined) throw new Error('No extension or no folder.');
  const parts = await extension.activate();
  const ownFile = vscode.Uri.joinPath(extension.extensionUri, 'dist', 'extension.js').fsPath;
  const configuration = vscode.workspace.getConfiguration();
  for (const setting of [SETTINGS.statusBarShow, SETTINGS.lens, SETTINGS.lineHints, SETTINGS.lineHeat])
    await configuration.update(setting, true, vscode.ConfigurationTarget.Global);
  await vscode.commands.executeCommand(COMMANDS.toggleBoundaries);
  const longest: Record<string, { openMs: number; editMs: number }> = {};
  let number = 0;
  for (const [name, make] of Object.entries(FILES)) {
    const uri = vscode.Uri.joinPath(folder.uri, `hard${number++}.txt`);
    await vscode.workspace.fs.writeFile(uri, Buffer.from(make()));
    const opening = await profiled(async () => {
      const editor = await vscode.window.showTextDocument(uri);
      await settle(parts, editor.document);
      await pause(2000);
    });
    const editing = await profiled(async () => {
      const editor = await vscode.window.showTextDocument(uri);
      const { document } = editor;
      for (let i = 0; i < EDITS; i++) {
        const at = document.positionAt(Math.floor((document.getText().length * (i + 1)) / (EDITS + 2)));
        await editor.edit((edit) => edit.insert(at, 'word '[i % 5] ?? 'x'));
        await settle(parts, document);
        await pause(AFTER_EDIT_MS);
      }
    });
    const file = process.env['TESSERA_BENCH_PROFILE'];
    if (file !== undefined) writeFileSync(`${file}.${number}`, JSON.stringify(opening));
    longest[name] = {
      openMs: Number(longestOwnStretch(opening, ownFile, MOST_GAP_US).toFixed(1)),
      editMs: Number(longestOwnStretch(editing, ownFile, MOST_GAP_US).toFixed(1)),
    };
  }
  await vscode.commands.executeCommand(COMMANDS.toggleBoundaries);
  const result = {
    what: 'Longest uninterrupted run of Tessera on the extension host thread of VS Code, from a CPU profile, waits for a processor left out, every surface on',
    date: process.env['TESSERA_BENCH_DATE'],
    vscode: vscode.version,
    node: process.version,
    cpu: cpus()[0]?.model,
    load: loadavg()[0],
    edits: EDITS,
    limitMs: LIMIT_MS,
    longest,
  };
  const target = process.env['TESSERA_BENCH_RESULT'];
  if (target !== undefined) writeFileSync(target, `${JSON.stringify(result, null, 2)}\n`);
}
