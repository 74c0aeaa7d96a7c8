// Lint rules. The import zones below are the architecture: every arrow points towards core.
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Forbids imports by pattern, with the reason a reader needs. */
const forbid = (files, patterns, ignores = []) => ({
  files,
  ignores,
  rules: { 'no-restricted-imports': ['error', { patterns }] },
});
const noVscode = {
  group: ['vscode'],
  message: 'Only editor, panel, workspace, agent and extension.ts may use vscode.',
};
const noNode = {
  regex: '^(node:|fs$|path$|os$|worker_threads$|child_process$)',
  message: 'This folder must run in a web page: no Node modules.',
};
const not = (folders, message) => ({ regex: `(^|/)(${folders.join('|')})(/|$)`, message });

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'out/**',
      'coverage/**',
      '.vscode-test/**',
      '.cache/**',
      'node_modules/**',
      'test/fixtures/**',
      'training/**',
      'samples/**',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: [
      'src/**/*.ts',
      'test/unit/**/*.ts',
      'test/integration/**/*.ts',
      'bench/**/*.ts',
      'vitest.config.ts',
    ],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
  },
  {
    files: ['webview/**/*.ts', 'test/webview/**/*.ts'],
    languageOptions: {
      parserOptions: { project: './webview/tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
  },
  {
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    // Hot loops index typed arrays with offsets that the surrounding code has already bounded.
    files: ['src/core/**/*.ts', 'src/engine/**/*.ts', 'bench/**/*.ts', 'test/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        console: 'readonly',
        process: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        performance: 'readonly',
        fetch: 'readonly',
        AbortSignal: 'readonly',
        URLSearchParams: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
      },
    },
  },
  forbid(
    ['src/core/**/*.ts'],
    [
      noVscode,
      noNode,
      not(
        ['engine', 'editor', 'panel', 'workspace', 'agent', 'shared', 'cli', 'webview'],
        'core imports core only.',
      ),
    ],
  ),
  forbid(
    ['src/shared/**/*.ts'],
    [
      noVscode,
      noNode,
      not(
        ['engine', 'editor', 'panel', 'workspace', 'agent', 'cli', 'webview'],
        'shared imports shared and types of core.',
      ),
    ],
  ),
  forbid(
    ['src/engine/**/*.ts', 'src/cli/**/*.ts'],
    [
      noVscode,
      not(
        ['editor', 'panel', 'workspace', 'agent', 'webview'],
        'engine and cli import core, shared and engine only.',
      ),
    ],
  ),
  forbid(
    ['src/editor/**/*.ts', 'src/panel/**/*.ts', 'src/workspace/**/*.ts', 'src/agent/**/*.ts'],
    [
      not(
        ['tokenWorker', 'modelProcess', 'tiktokenLoader', 'onnxRuntime', 'modelFiles'],
        'Reach the engine through engineClient and engineProtocol.',
      ),
    ],
  ),
  forbid(
    ['webview/**/*.ts'],
    [
      noVscode,
      noNode,
      not(
        ['engine', 'editor', 'panel', 'workspace', 'agent', 'cli'],
        'The webview imports shared, types of core and core/text only.',
      ),
    ],
  ),
);
