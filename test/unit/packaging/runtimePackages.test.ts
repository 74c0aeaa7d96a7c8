// Which ONNX runtime a VSIX of each target carries: its own native one and no other, and WebAssembly everywhere.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { copyRuntimes } from '../../../scripts/runtimePackages.mjs';

describe('the runtimes beside the bundles', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-runtimes-'));
  const filesFor = (target: string): readonly string[] => {
    copyRuntimes(target, folder);
    return readdirSync(folder, { recursive: true }).map((path) => String(path).replaceAll('\\', '/'));
  };
  const binaries = (files: readonly string[]): readonly string[] =>
    files.filter((file) => /\.(node|dll|dylib|so(\.\d+)*)$/.test(file));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['linux-x64', 'linux/x64'],
    ['linux-arm64', 'linux/arm64'],
    ['darwin-arm64', 'darwin/arm64'],
    ['win32-x64', 'win32/x64'],
  ])('for %s are native for it alone', (target, place) => {
    const files = filesFor(target);
    const native = binaries(files);
    expect(native.some((file) => file.endsWith('onnxruntime_binding.node'))).toBe(true);
    expect(native.filter((file) => !file.includes(`/napi-v6/${place}/`))).toEqual([]);
    expect(files).toContain('node_modules/onnxruntime-common/package.json');
    expect(files).toContain('node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm');
    expect(files.filter((file) => /\.(ts|map|md)$/.test(file))).toEqual([]);
  });

  it.each(['alpine-x64', 'darwin-x64', 'linux-armhf', 'web'])('for %s are WebAssembly only', (target) => {
    const files = filesFor(target);
    expect(binaries(files)).toEqual([]);
    expect(files).toContain('node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs');
  });
});
