// `npm run screenshots`: opens Tessera on the sample files in a real VS Code page, in dark, light and both high-contrast themes,
// and writes pictures of editor, hover and panel to out/screenshots. `--theme dark` takes one theme only, `--only model` one part, `--media` also
// writes the README's pictures to media/screenshots, made smaller by pngquant. Fonts for all scripts: apt-get install fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { requireProcess } from './childProcess.mjs';
import { startCodeServer, workbenchAddress, writeSettings } from './codeServer.mjs';
import { photographDrafts } from './draftPictures.mjs';
import { photographDraftsView } from './draftsViewPictures.mjs';
import { chromiumArguments, ensureChromium, findOnPath } from './ensureChromium.mjs';
import { repositoryRoot } from './ensureDependencies.mjs';
import { ensureVscodeHost } from './ensureVscodeHost.mjs';
import { photographModel } from './modelPictures.mjs';
import { photographWatermark } from './watermarkPictures.mjs';

const themes = {
  dark: 'Default Dark Modern',
  light: 'Default Light Modern',
  'high-contrast': 'Default High Contrast',
  'high-contrast-light': 'Default High Contrast Light',
};

/** Settings for a calm picture: nothing in it that is not about tokens. */
const pictureSettings = {
  'editor.minimap.enabled': false,
  'editor.fontSize': 14,
  'editor.fontFamily': "'DejaVu Sans Mono', 'Noto Sans Mono CJK JP', 'Noto Color Emoji', monospace",
  'editor.stickyScroll.enabled': false,
  'editor.renderLineHighlight': 'none',
  'editor.lightbulb.enabled': 'off',
  'editor.wordWrap': 'off',
  'editor.unicodeHighlight.invisibleCharacters': false,
  'editor.unicodeHighlight.ambiguousCharacters': false,
  'breadcrumbs.enabled': false,
  // The word list of the editor would lie over the drafts.
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.suggestOnTriggerCharacters': false,
  'explorer.openEditors.visible': 0,
  'workbench.layoutControl.enabled': false,
  'workbench.activityBar.location': 'default',
  'window.commandCenter': false,
};

/** Pictures that the README shows. */
const mediaPictures = [
  'inspector-dark',
  'inspector-light',
  'inspector-high-contrast',
  'hover-dark',
  'scripts-dark',
  'emoji-dark',
  'compare-dark',
  'costs-dark',
  'prompts-dark',
  'waste-dark',
  'changes-dark',
  'surprise-dark',
  'drafts-dark',
  'drafts-view-dark',
  'watermark-dark',
  'watermark-light',
  'drafts-view-light',
  'drafts-view-high-contrast',
  'next-byte-dark',
];

/** @param since only pictures of this run: older ones in the folder may come from parts taken on their own */
async function writeMedia(folder, since) {
  const pngquant = findOnPath('pngquant');
  if (!pngquant) throw new Error('Pictures for the README need pngquant: apt-get install pngquant.');
  const target = join(repositoryRoot, 'media', 'screenshots');
  mkdirSync(target, { recursive: true });
  for (const name of mediaPictures.map((picture) => `${picture}.png`)) {
    const stat = statSync(join(folder, name), { throwIfNoEntry: false });
    if (stat === undefined || stat.mtimeMs < since) continue;
    await requireProcess(pngquant, [
      '--force',
      '--quality',
      '70-95',
      '--output',
      join(target, name),
      join(folder, name),
    ]);
  }
}

/** Time for anything that the page is waited for, in milliseconds: a busy machine is no failure. */
const patience = 180_000;

const runCommand = async (page, title) => {
  await page.keyboard.press('F1');
  await page.waitForSelector('.quick-input-widget input');
  await page.keyboard.type(title, { delay: 5 });
  await chooseRow(page, title);
  await page.waitForTimeout(900);
};

/** Takes the first row that has this text, once the list shows it: on a busy machine that is not at once. */
const chooseRow = (page, text) =>
  page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first().click({ timeout: patience });

/** Opens a file of the workspace by Quick Open and waits for its count. */
const openFile = async (page, name) => {
  await page.keyboard.press('Control+P');
  await page.waitForSelector('.quick-input-widget input');
  await page.keyboard.type(name, { delay: 5 });
  await chooseRow(page, name);
  await page.waitForSelector(`.tab.active[data-resource-name="${name}"]`, { timeout: patience });
  await waitForCount(page);
};

const waitForCount = (page) =>
  page.waitForFunction(
    () =>
      /^(≈ )?[\d,.]+ tokens?/.test(
        globalThis.document.getElementById('tessera.tessera.tessera.tokens')?.textContent ?? '',
      ),
    undefined,
    { timeout: patience },
  );

/** Takes all pictures of one theme. */
async function photograph(page, name, folder) {
  const shot = (what) => page.screenshot({ path: join(folder, `${what}-${name}.png`) });
  await page.waitForSelector('.monaco-editor .view-line', { timeout: patience });
  await waitForCount(page);
  await runCommand(page, 'View: Close Primary Side Bar');
  await openFile(page, 'retry.py');
  await shot('count');
  await runCommand(page, 'Tessera: Toggle Token Boundaries');
  await page.waitForTimeout(1500);
  await shot('boundaries');
  const word = page
    .locator('.view-line', { hasText: 'longest_delay: float' })
    .locator('span', { hasText: 'longest_delay' })
    .last();
  await word.hover();
  await page.waitForTimeout(2500);
  await shot('hover');
  await page.mouse.move(10, 400);
  await runCommand(page, 'Tessera: Open Token Inspector');
  await page.waitForTimeout(4000);
  // VS Code says so beside the branch while other extensions start, and the panel waits for the same thread.
  await page.waitForFunction(
    () => !/Activating Extensions/.test(globalThis.document.querySelector('.statusbar')?.textContent ?? ''),
    undefined,
    { timeout: patience },
  );
  await page.waitForTimeout(1000);
  await shot('inspector');
  await runCommand(page, 'View: Focus Active Editor Group');
  await runCommand(page, 'View: Focus First Editor Group');
  await openFile(page, 'scripts.txt');
  await page.waitForTimeout(2500);
  await shot('scripts');
  await openFile(page, 'emoji.txt');
  await page.waitForTimeout(2500);
  await shot('emoji');
}

/** Pictures of models, comparison, inline counts and the workspace view; everything before stays open. */
async function photographSurfaces(page, name, folder) {
  const shot = (what) => page.screenshot({ path: join(folder, `${what}-${name}.png`) });
  await runCommand(page, 'Tessera: Toggle Token Boundaries');
  await openFile(page, 'scripts.txt');
  await runCommand(page, 'Tessera: Compare Tokenizers');
  await page.waitForTimeout(4000);
  await shot('compare');
  await runCommand(page, 'View: Close All Editors');
  await runCommand(page, 'Tessera: Choose Model');
  await page.locator('.quick-input-list .monaco-list-row', { hasText: 'No model' }).waitFor();
  await page.keyboard.type('GPT-5 mini', { delay: 5 });
  await chooseRow(page, 'GPT-5 mini');
  await page.waitForTimeout(900);
  await runCommand(page, 'Tessera: Toggle Token Counts above Sections');
  await runCommand(page, 'Tessera: Toggle Token Counts per Line');
  await openFile(page, 'tokenBudget.ts');
  await runCommand(page, 'Tessera: Count Tokens in Workspace');
  await page.waitForTimeout(2500);
  await runCommand(page, 'Tessera: Toggle Token Badges in the Explorer');
  await runCommand(page, 'Explorer: Focus on Tokens View');
  await page.waitForTimeout(2500);
  await page.hover('[id="tessera.tessera.tessera.tokens"]');
  await page.waitForTimeout(2500);
  await shot('costs');
}

/** Chat prompt and notebook side by side, then the two lists to jump through. */
async function photographReports(page, name, folder) {
  const shot = (what) => page.screenshot({ path: join(folder, `${what}-${name}.png`) });
  await page.mouse.move(10, 400);
  await runCommand(page, 'Tessera: Toggle Token Counts per Line');
  await runCommand(page, 'View: Close Primary Side Bar');
  await runCommand(page, 'View: Close All Editors');
  await openFile(page, 'support.json');
  await page.waitForTimeout(1500);
  await runCommand(page, 'Tessera: Toggle Token Counts of Notebook Cells');
  await runCommand(page, 'View: New Editor Group to the Right');
  await page.keyboard.press('Control+P');
  await page.waitForSelector('.quick-input-widget input');
  await page.keyboard.type('sentences.ipynb', { delay: 5 });
  await page.waitForTimeout(900);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.notebookOverlay .monaco-editor', { timeout: patience });
  await page.waitForTimeout(5000);
  await shot('prompts');
  await runCommand(page, 'View: Close All Editors');
  await openFile(page, 'tokenBudget.ts');
  await runCommand(page, 'Tessera: Toggle Token Counts above Sections');
  await runCommand(page, 'Tessera: Show Where Tokens Go');
  await page.waitForTimeout(2500);
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
  await page.waitForTimeout(800);
  await shot('waste');
  await page.keyboard.press('Escape');
  await openFile(page, 'retry.py');
  await runCommand(page, 'Tessera: Count Changed Tokens since HEAD');
  await page.waitForTimeout(3000);
  await page.keyboard.press('ArrowDown');
  await page.waitForTimeout(800);
  await shot('changes');
  await page.keyboard.press('Escape');
}

/** Makes the samples a git repository with one edited file, for the picture of changed tokens. */
async function editedRepository(workspace) {
  const git = (...args) =>
    requireProcess('git', ['-c', 'user.name=sample', '-c', 'user.email=sample@example.test', ...args], {
      cwd: workspace,
      quiet: true,
    });
  await git('init', '-q');
  await git('add', '.');
  await git('commit', '-q', '-m', 'samples');
  const file = join(workspace, 'retry.py');
  const lines = readFileSync(file, 'utf8').split('\n');
  lines.splice(3, 0, '# Delays grow with every attempt, up to a limit.');
  lines.splice(lines.length - 8, 2);
  writeFileSync(file, lines.join('\n'));
}

/** What `--only` can ask for; later parts find open what earlier ones opened. */
const parts = {
  tokens: photograph,
  surfaces: photographSurfaces,
  reports: photographReports,
  drafts: (page, name, folder) => photographDrafts(page, name, folder, { runCommand, openFile }),
  model: (page, name, folder) => photographModel(page, name, folder, { runCommand, openFile, waitForCount }),
  draftsView: (page, name, folder) => photographDraftsView(page, name, folder, { runCommand, openFile }),
  watermark: (page, name, folder, workspace) =>
    photographWatermark(page, name, folder, { runCommand, openFile, workspace }),
};

/** Parts that go on where others ended; those are taken with them. */
const partsBefore = { surfaces: ['tokens'], reports: ['tokens', 'surfaces'] };

async function main() {
  const began = Date.now();
  const onlyAt = process.argv.indexOf('--only');
  const only = onlyAt < 0 ? undefined : process.argv[onlyAt + 1];
  const folder = join(repositoryRoot, 'out', 'screenshots');
  mkdirSync(folder, { recursive: true });
  const at = process.argv.indexOf('--theme');
  const wanted = Object.entries(themes).filter(([name]) => at < 0 || process.argv[at + 1] === name);
  await requireProcess(process.execPath, ['esbuild.mjs'], { cwd: repositoryRoot });
  const [host, executablePath] = [await ensureVscodeHost(), await ensureChromium()];
  for (const [name, theme] of wanted) {
    const scratch = mkdtempSync(join(tmpdir(), 'tessera-pictures-'));
    const workspace = join(scratch, 'samples');
    cpSync(join(repositoryRoot, 'samples'), workspace, { recursive: true });
    await editedRepository(workspace);
    const [userDataDir, extensionsDir] = [join(scratch, 'user-data'), join(scratch, 'extensions')];
    mkdirSync(extensionsDir);
    // VS Code prefers themes that lie below a single development path, and `.vscode-test/host` with all of its themes does.
    const extension = join(scratch, 'tessera');
    symlinkSync(repositoryRoot, extension, 'junction');
    writeSettings(userDataDir, { ...pictureSettings, 'workbench.colorTheme': theme });
    const server = await startCodeServer(host, { userDataDir, extensionsDir });
    const browser = await chromium.launch({ executablePath, args: chromiumArguments });
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, deviceScaleFactor: 1.5 });
      page.setDefaultTimeout(patience);
      page.setDefaultNavigationTimeout(patience);
      const address = {
        folder: workspace,
        developmentPaths: [extension],
        openFiles: [join(workspace, 'quickstart.md')],
      };
      await page.goto(workbenchAddress(server, address));
      try {
        await page.waitForSelector('.monaco-editor .view-line', { timeout: patience });
        // Every part may be the first: commands and files open only when the extension runs.
        await waitForCount(page);
        for (const [part, take] of Object.entries(parts))
          if (only === undefined || only === part || partsBefore[only]?.includes(part))
            await take(page, name, folder, workspace);
      } catch (error) {
        await page.screenshot({ path: join(folder, `failed-${name}.png`) });
        throw error;
      }
      console.log(`${name}: done`);
    } finally {
      await browser.close();
      server.stop();
      rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    }
  }
  if (process.argv.includes('--media')) await writeMedia(folder, began);
}

await main();
