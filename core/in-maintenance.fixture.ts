import type { TalosObservation } from './machine.ts';

/** What tests do not care about in a machine that waits for its config. */
export const inMaintenance = {
  mode: 'maintenance',
  stage: 'maintenance',
  isReady: true,
  unmetConditions: [],
  version: 'v1.13.9',
  bootMark: '1',
  addresses: [],
  disks: [],
} satisfies Partial<TalosObservation>;
