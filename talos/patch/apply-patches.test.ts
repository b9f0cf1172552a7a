import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { Fault } from '../../core/fault.ts';
import { applyPatches, type PatchLayers } from './apply-patches.ts';

const config = `version: v1alpha1
machine:
  type: worker
  certSANs: [a]
  install: {disk: /dev/sda, wipe: true}
  sysctls: {x: "1"}
  network:
    interfaces:
      - {interface: eth0, addresses: [10.0.0.1/24], vlans: [{vlanId: 1, mtu: 1400}]}
cluster:
  network: {podSubnets: [10.244.0.0/16]}
  apiServer:
    admissionControl: [{name: PodSecurity, configuration: {one: 1}}]
    extraArgs: {v: "1"}
---
apiVersion: v1alpha1
kind: NetworkRuleConfig
name: ssh
portSelector: {ports: [22], protocol: tcp}
ingress: [{subnet: 10.0.0.0/8}]
`;

const patch = (...texts: readonly string[]) =>
  applyPatches(config, { all: texts.map((text, at) => ({ file: `p${at}.yaml`, text })) }, 'v1.13');
const documentsOf = (text: string) => parseAllDocuments(text).map((document) => document.toJS() as unknown);
const main = (...texts: readonly string[]) => documentsOf(patch(...texts))[0];

function refusalOf(apply: () => unknown): Fault {
  try {
    apply();
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown;
    throw thrown;
  }
  throw new Error('was taken');
}

describe('applyPatches', () => {
  it('replaces values, keeps them where the patch says nothing or the zero value, and merges mappings', () => {
    const changed = main(
      'machine: {type: controlplane, token: "", install: {disk: "", wipe: false}, sysctls: {y: "2"}}',
    );
    expect(changed).toMatchObject({
      machine: { type: 'controlplane', install: { disk: '/dev/sda', wipe: false }, sysctls: { x: '1', y: '2' } },
    });
  });

  it('appends to lists, merges the keyed ones, and replaces those that Talos replaces', () => {
    const changed = main(
      'machine: {certSANs: [a, b], network: {interfaces: [{interface: eth0, mtu: 9000, addresses: [10.0.0.2/24], vlans: [{vlanId: 1, addresses: [x]}, {vlanId: 2}]}]}}',
      'cluster: {network: {podSubnets: [10.9.0.0/16]}, apiServer: {admissionControl: [{name: PodSecurity, configuration: {two: 2}}], extraArgs: {v: [a, b]}}}',
    );
    expect(changed).toMatchObject({
      machine: {
        certSANs: ['a', 'a', 'b'],
        network: {
          interfaces: [
            {
              interface: 'eth0',
              mtu: 9000,
              addresses: ['10.0.0.1/24', '10.0.0.2/24'],
              vlans: [{ vlanId: 1, mtu: 1400, addresses: ['x'] }, { vlanId: 2 }],
            },
          ],
        },
      },
      cluster: {
        network: { podSubnets: ['10.9.0.0/16'] },
        apiServer: {
          admissionControl: [{ name: 'PodSecurity', configuration: { one: 1, two: 2 } }],
          extraArgs: { v: ['a', 'b'] },
        },
      },
    });
  });

  it('deletes a path, an item of a list, and a document', () => {
    const path = main(
      'machine: {sysctls: {x: {$patch: delete}}, network: {interfaces: [{interface: eth0, $patch: delete}]}}',
    );
    expect(path).toMatchObject({ machine: { sysctls: {}, network: { interfaces: [] } } });
    expect(
      documentsOf(patch('$patch: delete\napiVersion: v1alpha1\nkind: NetworkRuleConfig\nname: ssh\n')),
    ).toHaveLength(1);
  });

  it.each([
    ['machine: {sysctls: {y: {$patch: delete}}}', 'machine.sysctls.y', 'lookup failed'],
    [
      'machine: {network: {interfaces: [{interface: eth9, $patch: delete}]}}',
      'machine.network.interfaces',
      'lookup failed',
    ],
    ['$patch: delete\napiVersion: v1alpha1\nkind: NetworkRuleConfig\nname: web\n', '', 'lookup failed'],
    ['$patch: delete\nmachine: {}\n', '', "can't delete the root"],
    ['machine: {kubelets: {}}', 'machine.kubelets', 'unknown to Talos v1.13'],
    ['apiVersion: v1alpha1\nkind: KubeProxyConfig\n', '', 'came with Talos v1.14'],
    ['[{"op": "remove", "path": "/machine/type"}]', '', 'only on a config of a single document'],
    ['machine: {type: worker', '', 'is no YAML'],
  ])('refuses %j and says where', (text, path, message) => {
    const refusal = refusalOf(() => patch(text));
    expect(refusal).toMatchObject({ code: 'talos/patch-refused', places: [{ file: 'p0.yaml', path }] });
    expect(refusal.message).toContain(message);
  });

  it('applies all, role, class and machine in this order, whatever the order of their keys', () => {
    const layer = (type: string) => [{ file: type, text: `machine: {nodeLabels: {said: ${type}, ${type}: x}}` }];
    const layers: PatchLayers = {
      machine: layer('machine'),
      class: layer('class'),
      role: layer('role'),
      all: layer('all'),
    };
    const changed = documentsOf(applyPatches(config, layers, 'v1.13'))[0];
    expect(changed).toMatchObject({ machine: { nodeLabels: { said: 'machine', all: 'x', role: 'x', class: 'x' } } });
    const { machine: _, ...without } = layers;
    expect(documentsOf(applyPatches(config, without, 'v1.13'))[0]).toMatchObject({
      machine: { nodeLabels: { said: 'class' } },
    });
  });

  it('names the file and line of every problem of all layers at once', () => {
    const layers: PatchLayers = {
      all: [{ file: 'all.yaml', text: 'machine:\n  certSANs: [b]\n  nonsense: 1\n' }],
      machine: [{ file: 'node-1.yaml', text: 'machine:\n  sysctls:\n    gone: {$patch: delete}\n' }],
    };
    const refusal = refusalOf(() => applyPatches(config, layers, 'v1.13'));
    expect(refusal.places).toEqual([
      { file: 'all.yaml', path: 'machine.nonsense', line: 3 },
      { file: 'node-1.yaml', path: 'machine.sysctls.gone', line: 3 },
    ]);
  });

  it('lets a kind that is newer than we are through as it is', () => {
    const future = 'apiVersion: v2\nkind: FutureConfig\nname: one\nwhat: {ever: [0x1F, "off", 010]}\n';
    expect(patch(future)).toContain('what: { ever: [ 0x1F, "off", 010 ] }');
    expect(documentsOf(patch(future, 'apiVersion: v2\nkind: FutureConfig\nname: one\nmore: 1\n'))[2]).toMatchObject({
      more: 1,
    });
  });

  it('writes scalars as they were written', () => {
    const text = 'machine:\n  sysctls:\n    a: 010\n    b: "off"\n    c: 1_000\n';
    expect(patch(text)).toContain('a: 010, b: "off", c: 1_000');
  });

  it('quotes no value of a patch or config that it refuses', () => {
    const texts = ['cluster: {token: canary, x: canary}', 'machine: {token: [canary]}', 'machine: {token: canary'];
    for (const text of texts) {
      const refusal = refusalOf(() => patch(text));
      expect(`${refusal.message}${refusal.remedy}`).not.toContain('canary');
    }
  });

  it('takes or refuses any text by its own fault, and nothing else', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.json(), fc.constantFrom('a: &a [*a]', '? {}', '- 1', '&a {x: *a}')),
        (text) => {
          try {
            patch(text);
          } catch (fault) {
            expect(fault).toMatchObject({ code: 'talos/patch-refused' });
          }
        },
      ),
    );
  });
});
