import { describe, expect, it } from 'vitest';
import { needsReboot } from './needs-reboot.ts';

const before = 'machine: {type: worker, sysctls: {a: "1"}, features: {diskQuotaSupport: true}}\ncluster: {token: a}\n';

describe('needsReboot', () => {
  it.each([
    ['worker', 'controlplane', 'machine.type'],
    ['diskQuotaSupport: true', 'diskQuotaSupport: false', 'machine.features.diskQuotaSupport'],
    ['sysctls', 'files', 'machine.files'],
    ['a: "1"', 'a: "2"', undefined],
    ['token: a', 'token: b', undefined],
    ['features: {', 'features: {kubePrism: {enabled: true}, ', undefined],
  ])('with %s instead of %s: %s', (old, now, reason) => {
    expect(before).toContain(old);
    expect(needsReboot(before, before.replace(old, now))).toBe(reason);
  });

  it('takes every other document up at once', () => {
    expect(
      needsReboot(before, `${before}---\napiVersion: v1alpha1\nkind: HostnameConfig\nhostname: x\n`),
    ).toBeUndefined();
  });
});
