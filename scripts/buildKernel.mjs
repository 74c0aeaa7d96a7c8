/* global WebAssembly */
// Builds the WebAssembly kernel and writes it as a TypeScript file: node scripts/buildKernel.mjs
// Needs clang with the wasm32 target and wasm-ld (Debian: apt-get install clang lld). Only who changes the C file
// needs this; the result is committed.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = new URL('../src/core/tokenizers/', import.meta.url);
const source = fileURLToPath(new URL('wasm/bytePairKernel.c', folder));
const scratch = mkdtempSync(join(tmpdir(), 'kernel-'));
try {
  const output = join(scratch, 'kernel.wasm');
  execFileSync(
    'clang',
    [
      '--target=wasm32',
      '-O2',
      '-fno-unroll-loops',
      '-fno-vectorize',
      '-fno-slp-vectorize',
      '-msimd128',
      '-mbulk-memory',
      '-nostdlib',
      '-fno-builtin',
      '-Wall',
      '-Wl,--no-entry',
      '-Wl,--import-memory',
      '-Wl,--strip-all',
      '-o',
      output,
      source,
    ],
    { stdio: 'inherit' },
  );
  const module = new WebAssembly.Module(readFileSync(output));
  console.log(WebAssembly.Module.imports(module), WebAssembly.Module.exports(module));
  const text = readFileSync(output).toString('base64');
  const sum = createHash('sha256').update(readFileSync(source)).digest('hex');
  const compiler = execFileSync('clang', ['--version'])
    .toString()
    .split('\n')[0]
    .replace(/ \(.*|-\d+.*$/, '');
  writeFileSync(
    new URL('bytePairKernelBinary.ts', folder),
    `// The compiled inner loop. Made by scripts/buildKernel.mjs from wasm/bytePairKernel.c with ${compiler}; do not edit.

/** SHA-256 of the C file this was made from; a test compares it. */
export const KERNEL_SOURCE_SHA256 = '${sum}';

// prettier-ignore
export const KERNEL_BASE64 =
${text
  .match(/.{1,104}/g)
  .map((line) => `  '${line}'`)
  .join(' +\n')};
`,
  );
  console.log(`${readFileSync(output).length} bytes`);
} finally {
  rmSync(scratch, { recursive: true });
}
