// Copies the ONNX runtimes of one VSIX target beside the bundles, into dist/node_modules where Node finds them: the native
// one where there is a build for the target, and the WebAssembly one everywhere. Nothing of other platforms goes in.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repositoryRoot } from './ensureDependencies.mjs';

/** The packages whose code a VSIX may carry this way, for the third-party notices. */
export const runtimePackages = ['onnxruntime-common', 'onnxruntime-node', 'onnxruntime-web'];

/** VSIX targets with a native runtime, and where npm's package keeps it. */
const nativeFolders = {
  'linux-x64': 'linux/x64',
  'linux-arm64': 'linux/arm64',
  'darwin-arm64': 'darwin/arm64',
  'win32-x64': 'win32/x64',
  'win32-arm64': 'win32/arm64',
};

const webFiles = [
  'package.json',
  'dist/ort.wasm.bundle.min.mjs',
  'dist/ort-wasm-simd-threaded.mjs',
  'dist/ort-wasm-simd-threaded.wasm',
];

/** Scripts of the native package that run; the rest of it are sources, types and maps. */
const isScript = (name) => name.endsWith('.js');
/** macOS: the binding asks for libonnxruntime.1.dylib; the other name is a second copy of it. */
const isLibrary = (name) => !/^libonnxruntime\.\d+\.\d+\.\d+\.dylib$/.test(name);

export function copyRuntimes(target, dist) {
  const packages = join(dist, 'node_modules');
  rmSync(packages, { recursive: true, force: true });
  const copy = (path) => {
    const from = join(repositoryRoot, 'node_modules', path);
    const to = join(packages, path);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, to, { dereference: true });
  };
  const copyFolder = (path, wanted) => {
    for (const name of readdirSync(join(repositoryRoot, 'node_modules', path)))
      if (wanted(name)) copy(join(path, name));
  };
  for (const file of webFiles) copy(join('onnxruntime-web', file));
  const native = nativeFolders[target];
  if (native === undefined) return;
  const binaries = join('onnxruntime-node', 'bin', 'napi-v6', native);
  if (!existsSync(join(repositoryRoot, 'node_modules', binaries)))
    throw new Error(`${binaries} is not installed, so a package for ${target} would have no native runtime.`);
  copy(join('onnxruntime-node', 'package.json'));
  copyFolder(join('onnxruntime-node', 'dist'), isScript);
  copyFolder(binaries, isLibrary);
  copy(join('onnxruntime-common', 'package.json'));
  copyFolder(join('onnxruntime-common', 'dist', 'cjs'), (name) => isScript(name) || name === 'package.json');
}
