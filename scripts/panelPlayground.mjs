// Works on the inspector's views without VS Code: `node scripts/panelPlayground.mjs [FILE] [--port N]` serves the page
// with a fake host (a plain word splitter, not a real tokenizer) on FILE; reloading builds again. `?theme=` picks
// dark, light, hc-dark or hc-light; in the browser console `fakeHost` opens texts, shows states and fails requests.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { servePanelPage, themeNames } from './panelPage.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { port: { type: 'string', default: '4173' } },
});
const file = positionals[0] ?? 'package.json';
const { url } = await servePanelPage({
  port: Number(values.port),
  rebuild: true,
  sample: async () => ({ name: basename(file), text: await readFile(file, 'utf8') }),
});
console.log(`Inspector playground on ${file}:`);
for (const theme of themeNames) console.log(`  ${url}?theme=${theme}`);
