import { defineConfig } from 'vitest/config';

const rooms = ['core', 'pxe', 'talos', 'cluster', 'installer', 'ui', 'bin'];
const suite = (name: string, include: string[], testTimeoutMs: number, hookTimeoutMs = testTimeoutMs) => ({
  extends: true as const,
  test: { name, include, testTimeout: testTimeoutMs, hookTimeout: hookTimeoutMs },
});

/** One project a suite; test/suites.ts says what each needs. No retries: a flaky test is a bug. */
export default defineConfig({
  test: {
    retry: 0,
    projects: [
      suite('unit', [...rooms.map((room) => `${room}/**/*.test.{ts,tsx}`), 'test/lab/**/*.test.ts'], 30_000),
      suite('sim', ['test/sim/**/*.test.ts'], 600_000),
      suite('interop', ['test/interop/**/*.test.ts'], 60_000),
      suite('firmware', ['test/firmware/**/*.test.ts'], 300_000),
      // A peer is built in the hook that first needs it.
      suite('peers', ['test/peers/**/*.test.ts'], 60_000, 1_800_000),
    ],
  },
});
