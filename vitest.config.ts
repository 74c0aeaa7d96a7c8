import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          environment: 'node',
          // Limits for a hang, not for speed: on a busy machine every step takes ten times as long.
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // Two workers: the whole suite is sized for a two-core machine.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'webview',
          include: ['test/webview/**/*.test.ts'],
          environment: 'happy-dom',
          // Projects with different worker counts must not run at the same time.
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
