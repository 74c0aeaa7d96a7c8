// Writes THIRD_PARTY_NOTICES.md: the licence of every npm package whose code or data is inside the bundles, as esbuild saw
// them. `--check` only says whether the file is up to date, and ends with 1 when it is not.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { requireProcess } from './childProcess.mjs';
import { repositoryRoot } from './ensureDependencies.mjs';
import { runtimePackages } from './runtimePackages.mjs';

const mit = (copyright) => `MIT License

${copyright}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** Licences of packages that name one in their manifest but carry no file. */
const licencesWithoutFile = {
  // https://github.com/openai/tiktoken/blob/main/LICENSE; the npm package holds OpenAI's rank tables.
  tiktoken: mit('Copyright (c) 2022 OpenAI, Shantanu Jain'),
  // https://github.com/microsoft/vscode-l10n/blob/main/LICENSE
  '@vscode/l10n': mit('Copyright (c) Microsoft Corporation.'),
  // https://github.com/microsoft/onnxruntime/blob/main/LICENSE
  'onnxruntime-common': mit('Copyright (c) Microsoft Corporation'),
  'onnxruntime-node': mit('Copyright (c) Microsoft Corporation'),
  'onnxruntime-web': mit('Copyright (c) Microsoft Corporation'),
  // https://github.com/microsoft/fast/blob/main/LICENSE
  '@microsoft/fast-element': mit('Copyright (c) Microsoft Corporation. All rights reserved.'),
  '@microsoft/fast-foundation': mit('Copyright (c) Microsoft Corporation. All rights reserved.'),
  '@microsoft/fast-web-utilities': mit('Copyright (c) Microsoft Corporation. All rights reserved.'),
};

/** Names of the packages whose files are in the bundles or copied beside them. */
async function bundledPackages() {
  const scratch = mkdtempSync(join(tmpdir(), 'tessera-notices-'));
  try {
    const list = join(scratch, 'inputs.txt');
    const args = ['esbuild.mjs', '--outdir', join(scratch, 'dist'), '--inputs', list];
    await requireProcess(process.execPath, args, { cwd: repositoryRoot });
    const names = readFileSync(list, 'utf8')
      .split('\n')
      .map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
      .filter((name) => name !== undefined);
    return [...new Set([...names, ...runtimePackages])].sort();
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function noticeOf(name) {
  const folder = join(repositoryRoot, 'node_modules', name);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file === undefined ? licencesWithoutFile[name] : readFileSync(join(folder, file), 'utf8');
  if (text === undefined)
    throw new Error(`${name} (${manifest.license}) carries no licence file; add its text here.`);
  return `## ${name} ${manifest.version} (${manifest.license})\n\n\`\`\`text\n${text.trim()}\n\`\`\`\n`;
}

const target = join(repositoryRoot, 'THIRD_PARTY_NOTICES.md');
const heading = `# Third-party notices

Tessera's bundles contain code or data of these npm packages. This file is made by \`npm run notices\`.
`;
const written = [heading, ...(await bundledPackages()).map(noticeOf)].join('\n');
const pretty = await format(written, { ...(await resolveConfig(target)), parser: 'markdown' });
if (!process.argv.includes('--check')) writeFileSync(target, pretty);
else if (!existsSync(target) || readFileSync(target, 'utf8') !== pretty) {
  console.error('THIRD_PARTY_NOTICES.md is out of date: run npm run notices.');
  process.exitCode = 1;
}
