import type { Plan } from '../core/step.ts';

/**
 * Minutes that a step takes on common servers, by its id or the first part of it (docs/plans.md has where the figures are from).
 * Reading what is done already takes no time.
 */
const usualMinutes: Readonly<Record<string, number>> = {
  // Firmware of a large server needs 5 to 10 minutes to start again; image and disk take two or three.
  install: 12,
  'bootstrap-etcd': 1,
  'join-etcd': 2,
  health: 2,
  'kubernetes-api': 1,
  nodes: 2,
  'flux/controllers': 2,
  'flux/hand-off': 2,
};

export const estimatedMinutes = (step: string): number =>
  usualMinutes[step] ?? usualMinutes[step.split('/')[0] ?? ''] ?? 0;

/** How long a plan takes when steps run together as they may: the longest way through it, in minutes. An estimate. */
export function estimatePlan(plan: Plan): number {
  const ends = new Map<string, number>();
  for (const { id, after } of plan) {
    const begin = Math.max(0, ...after.map((one) => ends.get(one) ?? 0));
    ends.set(id, begin + estimatedMinutes(id));
  }
  return Math.max(0, ...ends.values());
}
