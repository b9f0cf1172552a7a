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
});
