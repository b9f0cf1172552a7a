import { describe, expect, it } from 'vitest';
import { checkMaintenanceConfig, renderMaintenanceConfig } from './maintenance-config.ts';

const logs = { apiVersion: 'v1alpha1', kind: 'KmsgLogConfig', name: 'console', url: 'udp://10.0.0.2:5514' };
const vlan = 'apiVersion: v1alpha1\nkind: VLANConfig\nname: eno1.40\nvlanID: 40\nparent: eno1\n';

const saysOf = (inline: string | Readonly<Record<string, unknown>>, version = 'v1.13.9') =>
  checkMaintenanceConfig([{ inline }], version).map(({ document, line, message }) => `${document}:${line} ${message}`);

describe('what a machine may start with before anybody looked at its disks', () => {
  it('is documents for logs and links, one after the other', () => {
    expect(checkMaintenanceConfig([{ inline: logs }, { inline: vlan }], 'v1.13.9')).toEqual([]);
    expect(renderMaintenanceConfig([{ inline: logs }, { inline: vlan }])).toMatch(/5514\n---\napiVersion: v1alpha1\n/);
  });

  it.each([
    ['the main document', 'machine:\n  install: { disk: /dev/sda }\n', /^main:1 is what installs a machine/],
    ['an empty main document', 'version: v1alpha1\nmachine: {}\n', /^main:1 is what installs a machine/],
    ['a volume', 'apiVersion: v1alpha1\nkind: UserVolumeConfig\nname: data\n', /^UserVolumeConfig data:1 is not for/],
    ['a hand-over', 'apiVersion: v1alpha1\nkind: SideroLinkConfig\napiUrl: x\n', /^SideroLinkConfig:1 is not for/],
    ['a kind that nobody knows', 'apiVersion: v1alpha1\nkind: InstallNowConfig\n', /^InstallNowConfig:1 is not for/],
    ['an unknown key', `${vlan}colour: red\n`, /^VLANConfig eno1.40:6 is unknown to Talos v1.13/],
    ['the same twice', `${vlan}---\n${vlan}`, /^VLANConfig eno1.40:\d is there twice/],
    ['what is no document', '- a\n', /^main:1 is no mapping/],
  ])('is never %s', (_, text, says) => {
    expect(saysOf(text)).toEqual([expect.stringMatching(says)]);
  });

  it('is nothing that came with a later Talos', () => {
    expect(saysOf(vlan, 'v1.11.6')).toEqual([expect.stringMatching(/VLANConfig came with Talos v1.12/)]);
    expect(saysOf(logs, 'v1.11.6')).toEqual([]);
  });
});
