import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Fault } from '../core/fault.ts';

import { loadRackFile } from './load-rack-file.ts';

const rack = (
  more: { talos?: string; all?: string; machine?: string; top?: string } = {},
) => `apiVersion: rackwright.dev/v1alpha1
kind: Rack
name: lab
talos: { version: ${more.talos ?? 'v1.13.9'} }
kubernetes: { version: v1.34.1 }
network: { interface: eno1, subnet: 10.0.0.0/24, vip: 10.0.0.10 }
boot: { uki: { amd64: uki.efi } }
flux: { manifest: install.yaml, source: { kind: OCIRepository, url: 'oci://registry.lab/fleet', tag: latest } }
machines:
  - name: cp-1
    role: controlplane
    mac: 52:54:00:00:00:01
    address: 10.0.0.11
    disk: { serial: S1 }
${more.machine ?? ''}patches:
  all:
${more.all ?? '    - file: all.yaml\n'}`;

const load = (text: string, files: Readonly<Record<string, string>> = {}) =>
  loadRackFile({ file: 'rack.yaml', text, directory: '/rack' }, { readText: (path) => Promise.resolve(files[path]) });

async function refusalOf(text: string, files: Readonly<Record<string, string>> = {}): Promise<Fault> {
  const loaded = await load(text, files).catch((thrown: unknown) => thrown);
  if (loaded instanceof Fault) return loaded;
  throw new Error('the rack file was accepted');
}

describe('loadRackFile', () => {
  it('reads patches from files and keeps inline ones as they were written', async () => {
    const inline =
      '    - file: all.yaml\n    - inline:\n        machine:\n          files: [{ path: /x, permissions: 0644 }]\n';
    const { spec } = await load(rack({ all: inline }), { '/rack/all.yaml': 'machine:\n  sysctls: {}\n' });
    expect(spec.patches?.all).toEqual([
      { file: 'all.yaml', inline: 'machine:\n  sysctls: {}\n' },
      { inline: 'machine:\n  files: [{ path: /x, permissions: 0644 }]\n' },
    ]);
  });

  it('names the place of a patch whose file is not there', async () => {
    const fault = await refusalOf(rack());
    expect(fault).toMatchObject({ code: 'installer/rack-file-invalid', exitCode: 4 });
    expect(fault.places).toEqual([{ file: 'rack.yaml', path: 'patches.all[0].file', line: 17, column: 7 }]);
    expect(fault.message).toContain('there is no file all.yaml');
  });

  it.each<[string, string, { path: string; line: number; column: number; says: RegExp }]>([
    [
      'an unknown key',
      'machine:\n  kubelets: {}\n',
      { path: 'machine.kubelets', line: 2, column: 3, says: /machine\.kubelets: main: is unknown to Talos v1\.13/ },
    ],
    [
      'a value that Talos would refuse after the merge',
      'machine:\n  features:\n    nodeAddressSortAlgorithm: v9\n',
      { path: 'machine.features.nodeAddressSortAlgorithm', line: 3, column: 5, says: /must be v1 or v2/ },
    ],
    ['no YAML', 'machine: [\n', { path: '', line: 2, column: 1, says: /is no YAML/ }],
    [
      'another install disk',
      'machine:\n  install:\n    disk: /dev/sda\n',
      { path: 'machine.install.disk', line: 3, column: 5, says: /must not change the install disk/ },
    ],
    [
      'another disk selector, by deletion',
      'machine:\n  install:\n    diskSelector:\n      $patch: delete\n',
      { path: 'machine.install.diskSelector.serial', line: 3, column: 5, says: /must not change the install disk/ },
    ],
    [
      'another endpoint',
      'cluster:\n  controlPlane:\n    endpoint: https://elsewhere:6443\n',
      { path: 'cluster.controlPlane.endpoint', line: 3, column: 5, says: /must not change the endpoint/ },
    ],
    [
      'a secret of the cluster',
      'cluster:\n  token: mine\n',
      { path: 'cluster.token', line: 2, column: 3, says: /must not change the secrets of the cluster/ },
    ],
    [
      'another name',
      'apiVersion: v1alpha1\nkind: HostnameConfig\nhostname: mine\n',
      { path: 'hostname', line: 3, column: 1, says: /must not change the name of the machine/ },
    ],
    [
      'a JSON patch on a config of several documents',
      '- op: remove\n  path: /cluster\n',
      { path: '', line: 1, column: 1, says: /takes those only on a config of a single document/ },
    ],
  ])('refuses a patch with %s, with its place in its own file', async (_what, patch, { says, ...place }) => {
    const fault = await refusalOf(rack(), { '/rack/all.yaml': patch });
    expect(fault.places[0]).toEqual({ file: 'all.yaml', ...place });
    expect(fault.message).toMatch(says);
    expect(fault.message).toContain(`all.yaml, line ${place.line}, column ${place.column}`);
  });

  it('says where in the rack file an inline patch is wrong, whether it is a mapping or a text', async () => {
    const mapping = '    - inline:\n        machine:\n          sysctl: {}\n';
    const asMapping = await refusalOf(rack({ all: mapping }));
    expect(asMapping.places).toEqual([
      { file: 'rack.yaml', path: 'patches.all[0] machine.sysctl', line: 19, column: 11 },
    ]);
    const asText = await refusalOf(rack({ all: '    - inline: |\n        machine:\n          sysctl: {}\n' }));
    expect(asText.places).toEqual(asMapping.places);
  });

  it('judges a patch of one machine for that machine, and one of all once', async () => {
    const second = `  - name: node-1
    role: worker
    mac: 52:54:00:00:00:02
    address: 10.0.0.12
    disk: { serial: S2 }
    patches: [{ file: own.yaml }]
`;
    const files = { '/rack/all.yaml': 'machine: {oops: 1}\n', '/rack/own.yaml': 'cluster: {etcd: {image: x}}\n' };
    const fault = await refusalOf(rack({ machine: second }), files);
    expect(fault.places.map(({ file, path }) => [file, path])).toEqual([
      ['all.yaml', 'machine.oops'],
      ['own.yaml', 'cluster.etcd'],
    ]);
  });

  it('takes JSON patches for Talos 1.11, whose config is one document, and refuses those that change the disk', async () => {
    const talos = 'v1.11.6';
    const good = '- op: add\n  path: /machine/sysctls\n  value: { vm.swappiness: "1" }\n';
    await expect(load(rack({ talos }), { '/rack/all.yaml': good })).resolves.toBeDefined();
    const bad = '- op: replace\n  path: /machine/install/image\n  value: mine\n';
    const fault = await refusalOf(rack({ talos }), { '/rack/all.yaml': bad });
    expect(fault.message).toMatch(/must not change the installer/);
  });

  it('quotes no value of a patch', async () => {
    const fault = await refusalOf(rack(), {
      '/rack/all.yaml': 'cluster:\n  token: CANARY-SECRET\n  x: CANARY-SECRET\n',
    });
    expect(fault.message).not.toContain('CANARY');
  });

  describe('maintenance configs', () => {
    const all = '    - inline: { machine: {} }\n';
    const volume = 'apiVersion: v1alpha1\nkind: UserVolumeConfig\nname: data\n';
    const logs = 'apiVersion: v1alpha1\nkind: KmsgLogConfig\nname: logs\nurl: udp://10.0.0.2:5514\n';
    const withKey = (text: string) => rack({ all }).replace('boot: {', `boot: { maintenanceConfig: [${text}], `);

    it('are read from files, like patches', async () => {
      const { spec } = await load(withKey('{ file: logs.yaml }'), { '/rack/logs.yaml': logs });
      expect(spec.boot.maintenanceConfig).toEqual([{ file: 'logs.yaml', inline: logs }]);
    });

    it('are refused with their place when they would do more than a machine in maintenance mode may', async () => {
      const fault = await refusalOf(withKey('{ file: more.yaml }'), { '/rack/more.yaml': `${logs}---\n${volume}` });
      expect(fault.places).toEqual([{ file: 'more.yaml', path: '', line: 6, column: 1 }]);
      expect(fault.message).toMatch(/UserVolumeConfig data is not for a machine in maintenance mode; allowed: /);
    });

    it('are refused where two pieces of one machine have the same document', async () => {
      const own = '    maintenanceConfig: [{ file: logs.yaml }]\n';
      const text = withKey('{ file: logs.yaml }').replace(
        '    disk: { serial: S1 }\n',
        `    disk: { serial: S1 }\n${own}`,
      );
      const fault = await refusalOf(text, { '/rack/logs.yaml': logs });
      expect(fault.message).toMatch(
        /machines\[0\]: its maintenance config is of several pieces, and KmsgLogConfig logs is there twice/,
      );
    });

    it('name the file that is not there', async () => {
      const fault = await refusalOf(withKey('{ file: none.yaml }'));
      expect(fault.places).toMatchObject([{ path: 'boot.maintenanceConfig[0].file' }]);
    });
  });

  it.each(['three-nodes', 'storage-rack'])('takes examples/%s with its patches', async (name) => {
    const directory = join(import.meta.dirname, '..', 'examples', name);
    const text = readFileSync(join(directory, 'rack.yaml'), 'utf8');
    const readText = (path: string) => Promise.resolve(readFileSync(path, 'utf8'));
    await expect(loadRackFile({ file: 'rack.yaml', text, directory }, { readText })).resolves.toBeDefined();
  });
});
