import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { renderMachineConfig } from './render-machine-config.ts';
import { exampleDisk, exampleRequest, exampleSpec } from './testing/example-request.ts';
import { fakeSecrets } from './testing/fake-secrets.ts';

interface Tree {
  readonly kind?: string;
  readonly [key: string]: unknown;
}

/** The documents by kind; the main one has none. */
function documentsOf(text: string): Map<string, Tree> {
  const documents = parseAllDocuments(text).map((document) => document.toJS() as Tree);
  return new Map(documents.map((document) => [document.kind ?? 'main', document]));
}
const render = (...request: Parameters<typeof exampleRequest>) =>
  documentsOf(renderMachineConfig(exampleRequest(...request)));
const encoded = (pem: string) => Buffer.from(pem).toString('base64');

describe('renderMachineConfig', () => {
  it('gives a control plane the keys of the authorities', () => {
    const main = render('controlplane').get('main');
    expect(main).toMatchObject({
      machine: {
        type: 'controlplane',
        token: fakeSecrets.trustdToken,
        ca: { crt: encoded(fakeSecrets.osCa.crt), key: encoded(fakeSecrets.osCa.key) },
      },
      cluster: {
        token: fakeSecrets.bootstrapToken,
        ca: { key: encoded(fakeSecrets.kubernetesCa.key) },
        aggregatorCA: { key: encoded(fakeSecrets.aggregatorCa.key) },
        serviceAccount: { key: encoded(fakeSecrets.serviceAccountKey) },
        etcd: { ca: { key: encoded(fakeSecrets.etcdCa.key) } },
      },
    });
  });

  it('gives a worker no key of any authority', () => {
    const text = renderMachineConfig(exampleRequest('worker'));
    const { osCa, kubernetesCa, etcdCa, aggregatorCa, serviceAccountKey, secretboxEncryptionSecret } = fakeSecrets;
    const keys = [osCa.key, kubernetesCa.key, etcdCa.key, aggregatorCa.key, serviceAccountKey];
    for (const secret of [...keys.map(encoded), secretboxEncryptionSecret]) expect(text).not.toContain(secret);
    expect(documentsOf(text).get('main')).toMatchObject({
      machine: { type: 'worker', ca: { crt: encoded(osCa.crt), key: '' } },
      cluster: { ca: { crt: encoded(kubernetesCa.crt), key: '' } },
    });
  });

  it('installs the release of the rack file on the one disk, by its own name and not by its place', () => {
    const install = {
      diskSelector: { serial: exampleDisk.serial, wwid: exampleDisk.wwid },
      image: 'ghcr.io/siderolabs/installer:v1.13.9',
      wipe: false,
      grubUseUKICmdline: true,
    };
    for (const role of ['controlplane', 'worker'] as const) {
      expect(render(role).get('main')).toHaveProperty('machine.install', install);
    }
  });

  it('gives the machine its name and its address, and the gateway only when there is one', () => {
    const documents = render('worker');
    expect(documents.get('HostnameConfig')).toEqual({
      apiVersion: 'v1alpha1',
      kind: 'HostnameConfig',
      auto: 'off',
      hostname: 'node-2',
    });
    const link = { apiVersion: 'v1alpha1', kind: 'LinkConfig', name: 'enp1s0', up: true };
    const addresses = [{ address: '10.0.0.12/24' }];
    expect(documents.get('LinkConfig')).toEqual({ ...link, addresses });
    const withGateway = render('worker', exampleSpec({ network: { gateway: '10.0.0.1' } }));
    expect(withGateway.get('LinkConfig')).toEqual({ ...link, addresses, routes: [{ gateway: '10.0.0.1' }] });
  });

  it('quotes what a reader of YAML 1.1 would take for something else', () => {
    expect(renderMachineConfig(exampleRequest('worker'))).toContain('auto: "off"');
    for (const serial of ['0123', '1e5', 'off', '12:30', '0x1F', '1_000', 'null', '~']) {
      const request = { ...exampleRequest('worker'), installDisk: { ...exampleDisk, serial } };
      expect(renderMachineConfig(request)).toMatch(new RegExp(`serial: ["']${serial}["']`));
    }
  });

  it('shares the address of the Kubernetes API among control planes only', () => {
    expect(render('worker').has('Layer2VIPConfig')).toBe(false);
    expect(render('controlplane').get('Layer2VIPConfig')).toMatchObject({ name: '10.0.0.10', link: 'enp1s0' });
  });

  it('asks the name and time servers of the rack file', () => {
    const bare = render('worker');
    expect(bare.has('ResolverConfig')).toBe(false);
    expect(bare.get('TimeSyncConfig')).toMatchObject({ enabled: true, bootTimeout: '2m0s' });
    const network = { nameservers: ['10.0.0.2', '10.0.0.3'], timeServers: ['ntp.example.org'] };
    const served = render('worker', exampleSpec({ network }));
    expect(served.get('ResolverConfig')).toMatchObject({
      nameservers: [{ address: '10.0.0.2' }, { address: '10.0.0.3' }],
    });
    expect(served.get('TimeSyncConfig')).toEqual({
      apiVersion: 'v1alpha1',
      kind: 'TimeSyncConfig',
      enabled: true,
      ntp: { servers: ['ntp.example.org'] },
    });
  });

  it('runs kube-proxy only beside the pod network that Talos brings', () => {
    const mainWith = (cni: 'none' | 'flannel') => render('controlplane', exampleSpec({ cluster: { cni } })).get('main');
    expect(mainWith('none')).toHaveProperty('cluster.proxy', { disabled: true });
    expect(mainWith('flannel')).toHaveProperty('cluster.proxy', { image: 'registry.k8s.io/kube-proxy:v1.34.1' });
  });

  it('gives the same text for the same request', () => {
    expect(renderMachineConfig(exampleRequest('controlplane'))).toBe(
      renderMachineConfig(exampleRequest('controlplane')),
    );
  });

  const at = (talos: string, network = {}) => exampleSpec({ talos, network });

  it('puts all into one document for 1.11', () => {
    const network = { gateway: '10.0.0.1', nameservers: ['10.0.0.2'], timeServers: ['10.0.0.4'] };
    const documents = render('controlplane', at('v1.11.6', network));
    expect([...documents.keys()]).toEqual(['main']);
    expect(documents.get('main')).toMatchObject({
      machine: {
        network: {
          hostname: 'node-1',
          interfaces: [
            {
              interface: 'enp1s0',
              addresses: ['10.0.0.11/24'],
              routes: [{ network: '0.0.0.0/0', gateway: '10.0.0.1' }],
              vip: { ip: '10.0.0.10' },
            },
          ],
          nameservers: ['10.0.0.2'],
        },
        time: { servers: ['10.0.0.4'] },
        features: { rbac: true, stableHostname: true, apidCheckExtKeyUsage: true },
      },
      cluster: { apiServer: { disablePodSecurityPolicy: true } },
    });
    const bare = render('worker', at('v1.11.6')).get('main');
    expect(bare).toHaveProperty('machine.time', { bootTimeout: '2m0s' });
    expect(bare).toHaveProperty('machine.network.interfaces', [{ interface: 'enp1s0', addresses: ['10.0.0.12/24'] }]);
  });

  it('leaves to the main document of 1.14 only what makes a machine one of its cluster', () => {
    for (const role of ['controlplane', 'worker'] as const) {
      const main = render(role, at('v1.14.0')).get('main') as unknown as Record<'machine' | 'cluster', Tree>;
      expect(Object.keys(main.machine)).toEqual(['type', 'token', 'ca', 'certSANs', 'features']);
      expect(Object.keys(main.cluster)).toEqual(role === 'worker' ? ['token'] : ['token', 'etcd']);
    }
  });

  it('gives a 1.14 machine the documents that Talos itself writes for its role, and those of the rack file', () => {
    const everywhere = [
      ...['main', 'DiscoveryIdentityConfig', 'UnattendedInstallConfig', 'VolumeConfig', 'FilesystemTrimConfig'],
      ...['SecurityProfileConfig', 'HostnameConfig', 'LinkConfig', 'ResolverConfig', 'TimeSyncConfig'],
      ...['KubeClusterConfig', 'KubeNodeConfig', 'KubeletConfig', 'KubeNetworkConfig', 'KubeAPIServerCAConfig'],
      'KubePrismConfig',
    ];
    expect([...render('worker', at('v1.14.0')).keys()]).toEqual(everywhere);
    const kinds = [...render('controlplane', at('v1.14.0')).keys()];
    expect(kinds.filter((kind) => !everywhere.includes(kind))).toEqual([
      ...['Layer2VIPConfig', 'KubeAggregatorCAConfig', 'KubeAdmissionControlConfig', 'KubeAuditPolicyConfig'],
      ...['KubeAuthenticationConfig', 'KubeAuthorizerConfig', 'KubeEtcdEncryptionConfig', 'KubeServiceAccountConfig'],
      ...['KubeAPIServerConfig', 'KubeControllerManagerConfig', 'KubeSchedulerConfig', 'KubeProxyConfig'],
      'KubeCoreDNSConfig',
    ]);
  });

  it('gives a 1.14 control plane the keys of the authorities as they are, and a worker none', () => {
    const documents = render('controlplane', at('v1.14.0'));
    const { kubernetesCa, aggregatorCa, serviceAccountKey, secretboxEncryptionSecret } = fakeSecrets;
    expect(documents.get('KubeAPIServerCAConfig')).toHaveProperty('issuingCA.key', kubernetesCa.key);
    expect(documents.get('KubeAggregatorCAConfig')).toHaveProperty('issuingCA.key', aggregatorCa.key);
    expect(documents.get('KubeServiceAccountConfig')).toHaveProperty('issuer.privateKey', serviceAccountKey);
    expect(documents.get('KubeEtcdEncryptionConfig')).toHaveProperty(
      'config.resources[0].providers[0].secretbox.keys',
      [{ name: 'key2', secret: secretboxEncryptionSecret }],
    );
    const worker = renderMachineConfig(exampleRequest('worker', at('v1.14.0')));
    const keys = [kubernetesCa.key, aggregatorCa.key, serviceAccountKey, fakeSecrets.osCa.key, fakeSecrets.etcdCa.key];
    for (const secret of [...keys.map(encoded), secretboxEncryptionSecret, 'PRIVATE KEY']) {
      expect(worker).not.toContain(secret);
    }
    expect(documentsOf(worker).get('KubeAPIServerCAConfig')).toMatchObject({ acceptedCAs: [kubernetesCa.crt] });
  });

  it('brings pod network and kube-proxy of a 1.14 cluster together, or neither', () => {
    const withCni = (cni: 'none' | 'flannel') =>
      render('controlplane', exampleSpec({ talos: 'v1.14.0', cluster: { cni } }));
    expect(withCni('none').get('KubeProxyConfig')).toHaveProperty('enabled', false);
    expect(withCni('none').has('KubeFlannelCNIConfig')).toBe(false);
    expect(withCni('flannel').get('KubeProxyConfig')).not.toHaveProperty('enabled');
    expect(withCni('flannel').has('KubeFlannelCNIConfig')).toBe(true);
  });

  it('keeps workloads off 1.14 control planes only when the rack file says so', () => {
    const node = (scheduleOnControlPlanes: boolean) =>
      render('controlplane', exampleSpec({ talos: 'v1.14.0', cluster: { scheduleOnControlPlanes } })).get(
        'KubeNodeConfig',
      );
    expect(node(true)).not.toHaveProperty('taints');
    expect(node(false)).toHaveProperty('taints', { 'node-role.kubernetes.io/control-plane': 'NoSchedule' });
    expect(node(true)).toHaveProperty('labels', { 'node-role.kubernetes.io/control-plane': '' });
  });
});
