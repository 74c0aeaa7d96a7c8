// Runs inside the real VS Code: types into a file of 1 MB and measures what a keystroke costs the extension host, with
// Tessera showing nothing, with status, lenses and boundaries, and with every surface, in one run. Host time is CPU time
// of the extension host's own thread, so that a busy machine does not change it; Tessera's part of it comes from a CPU
// profile. The wait until status and boundaries show the new version is written down beside it.
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { cpus, loadavg } from 'node:os';
import { performance } from 'node:perf_hooks';
import * as vscode from 'vscode';
import type { TesseraParts } from '../../src/extension';
import { COMMANDS, SETTINGS } from '../../src/ids';
import { ownCpuTime, type Window } from './ownTime';

const EDITS = Number(process.env['TESSERA_BENCH_EDITS'] ?? '200');
/** Long enough for the editor to ask again for lenses and hints, which it does after a pause. */
const WINDOW_MS = 700;
const BYTES = 1_000_000;
/** Keystrokes before the measured ones, so that the functions are compiled as they are after a minute of work. */
const WARM_UP = 15;
/** The profiler samples this often; finer sampling would itself be felt. Microseconds. */
const SAMPLING_US = 250;

type ThreadCpu = (previous?: NodeJS.CpuUsage) => NodeJS.CpuUsage;
/** Node 22 and older only know the CPU time of the whole process, the token worker included. */
const threadCpu = (process as { threadCpuUsage?: ThreadCpu }).threadCpuUsage?.bind(process);
const cpuUsage: ThreadCpu = threadCpu ?? process.cpuUsage.bind(process);
const milliseconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000;
const microseconds = (): number => Number(process.hrtime.bigint() / 1000n);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Markdown with code, several scripts, a heading every 40 lines and a fenced block every 80. */
function sampleText(): string {
  const lines: string[] = [];
  for (let i = 0, size = 0; size < BYTES; i++) {
    const line =
      i % 40 === 0
        ? `## Part ${i / 40}`
        : i % 80 === 20
          ? '```ts'
          : i % 80 === 24
            ? '```'
            : i % 7 === 3
              ? `const delay_${i} = retry(${i}, { attempts: ${i % 9}, "naïve": true });`
              : `Line ${i}: the model reads tokens, not letters; 東京タワー and ${i * 37} cost what they cost.`;
    lines.push(line);
    size += Buffer.byteLength(line) + 1;
  }
  return lines.join('\n');
}

function summary(values: readonly number[]): Record<string, number> {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN).toFixed(2));
  return { median: at(0.5), p95: at(0.95), max: at(1) };
}

async function settle(parts: TesseraParts, document: vscode.TextDocument): Promise<void> {
  for (let waited = 0; waited < 60_000; waited += 20) {
    const state = parts.documents.state(document);
    if (state?.kind === 'counted' && state.totals.version === document.version) return;
    await pause(20);
  }
  throw new Error('The document was not counted within a minute.');
}

/** Types one character at a time; `shown` resolves when the surfaces show the new version. */
async function type(editor: vscode.TextEditor, ownFile: string, shown: () => Promise<void>): Promise<object> {
  const line = Math.floor(editor.document.lineCount / 2);
  const end = editor.document.lineAt(line).range.end;
  editor.selection = new vscode.Selection(end, end);
  editor.revealRange(new vscode.Range(end, end), vscode.TextEditorRevealType.InCenter);
  await pause(3000);
  for (let i = 0; i < WARM_UP; i++) {
    await vscode.commands.executeCommand('type', { text: 'warm up '[i % 8] });
    await shown();
    await pause(WINDOW_MS / 2);
  }
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_US });
  await session.post('Profiler.start');
  const windows: Window[] = [];
  const waits: number[] = [];
  for (let i = 0; i < EDITS; i++) {
    const cpu = cpuUsage();
    const start = microseconds();
    const begun = performance.now();
    await vscode.commands.executeCommand('type', { text: 'token '[i % 6] });
    await shown();
    waits.push(performance.now() - begun);
    await pause(Math.max(0, WINDOW_MS - (performance.now() - begun)));
    windows.push({ start, end: microseconds(), cpuMs: milliseconds(cpuUsage(cpu)) });
  }
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  const file = process.env['TESSERA_BENCH_PROFILE'];
  if (file !== undefined) writeFileSync(file, JSON.stringify(profile));
  return {
    tesseraMs: summary(ownCpuTime(profile, windows, ownFile)),
    wholeHostMs: summary(windows.map(({ cpuMs }) => cpuMs)),
    waitMs: summary(waits),
  };
}

export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension<TesseraParts>('tessera.tessera');
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (extension === undefined || folder === undefined) throw new Error('No extension or no folder.');
  const parts = await extension.activate();
  const ownFile = vscode.Uri.joinPath(extension.extensionUri, 'dist', 'extension.js').fsPath;
  const configuration = vscode.workspace.getConfiguration();
  const set = async (name: string, value: unknown): Promise<void> => {
    await configuration.update(name, value, vscode.ConfigurationTarget.Global);
  };
  const uri = vscode.Uri.joinPath(folder.uri, 'megabyte.md');
  await vscode.workspace.fs.writeFile(uri, Buffer.from(sampleText()));
  // As plain text: VS Code's own Markdown extension would work in the same thread and drown what is measured. Tessera
  // finds the Markdown sections by the name of the file. The search for open ports starts processes all the time.
  await set('files.associations', { '*.md': 'plaintext' });
  await set('remote.autoForwardPorts', false);
  await set(SETTINGS.statusBarShow, false);
  const editor = await vscode.window.showTextDocument(uri);
  await pause(15_000);

  const redrawn = async (): Promise<void> => {
    const before = parts.boundaries.drawn(editor);
    const { version } = editor.document;
    for (let waited = 0; waited < 10_000; waited += 4) {
      const state = parts.documents.state(editor.document);
      const counted = state?.kind === 'counted' && state.totals.version >= version;
      if (counted && parts.boundaries.drawn(editor) !== before) return;
      await pause(4);
    }
    throw new Error('The boundaries were not drawn again within 10 s.');
  };

  const tesseraOff = await type(editor, ownFile, () => Promise.resolve());
  await set(SETTINGS.statusBarShow, true);
  await set(SETTINGS.lens, true);
  await vscode.commands.executeCommand(COMMANDS.toggleBoundaries);
  parts.documents.follow(editor.document);
  await settle(parts, editor.document);
  const statusLensBoundaries = await type(editor, ownFile, redrawn);
  await set(SETTINGS.lineHints, true);
  await set(SETTINGS.lineHeat, true);
  const everySurface = await type(editor, ownFile, redrawn);
  await vscode.commands.executeCommand(COMMANDS.toggleBoundaries);

  const result = {
    what: `Keystrokes in a Markdown file of 1 MB in VS Code: CPU time of the extension host thread from the keystroke to ${WINDOW_MS} ms after it, refreshed lenses included`,
    date: process.env['TESSERA_BENCH_DATE'],
    vscode: vscode.version,
    node: process.version,
    cpu: cpus()[0]?.model,
    load: loadavg()[0],
    clock: threadCpu === undefined ? 'process.cpuUsage (with the worker)' : 'process.threadCpuUsage',
    bytes: Buffer.byteLength(editor.document.getText()),
    edits: EDITS,
    tesseraOff,
    statusLensBoundaries,
    everySurface,
  };
  const target = process.env['TESSERA_BENCH_RESULT'];
  if (target !== undefined) writeFileSync(target, `${JSON.stringify(result, null, 2)}\n`);
}
