import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readNodeConfig } from './node-config.ts';

const pem = (label: string) =>
  Buffer.from(`-----BEGIN ${label}-----\nAA==\n-----END ${label}-----\n`).toString('base64');
const pair = { crt: pem('CERTIFICATE'), key: pem('ED25519 PRIVATE KEY') };
const main = {
  version: 'v1alpha1',
  machine: {
    type: 'controlplane',
    token: 't',
    ca: pair,
    kubelet: { image: 'ghcr.io/siderolabs/kubelet:v1.34.1' },
    install: { diskSelector: { serial: 'A1' }, image: 'ghcr.io/siderolabs/installer:v1.13.9' },
  },
  cluster: {
    controlPlane: { endpoint: 'https://10.0.0.10:6443' },
    clusterName: 'c',
    token: 'x',
    ca: pair,
    etcd: { ca: pair },
  },
};
const hostname = { apiVersion: 'v1alpha1', kind: 'HostnameConfig', auto: 'off', hostname: 'cp-1' };
const link = { apiVersion: 'v1alpha1', kind: 'LinkConfig', name: 'eth0', addresses: [{ address: '10.0.0.11/24' }] };
const vip = { apiVersion: 'v1alpha1', kind: 'Layer2VIPConfig', name: '10.0.0.10', link: 'eth0' };

const read = (...documents: object[]) =>
  readNodeConfig(documents.map((document) => stringify(document)).join('---\n'), 'v1.13.9');
const problemsOf = (...documents: object[]) => {
  const result = read(...documents);
  return 'problems' in result ? result.problems.join('\n') : 'accepted';
};

describe('readNodeConfig', () => {
  it('understands the documents together', () => {
    const result = read(main, hostname, link, vip);
    expect(result).toMatchObject({
      config: {
        type: 'controlplane',
        hostname: 'cp-1',
        addresses: [{ link: 'eth0', cidr: '10.0.0.11/24' }],
        vip: '10.0.0.10',
        kubernetesVersion: 'v1.34.1',
        install: { disk: { kind: 'selector', terms: { serial: 'A1' } } },
        cluster: { name: 'c', cni: 'flannel' },
      },
    });
  });

  const worker = {
    ...main,
    machine: { ...main.machine, type: 'worker', ca: { ...pair, key: '' } },
    cluster: { ...main.cluster, ca: { ...pair, key: '' }, etcd: undefined },
  };
  const { machine, cluster } = main;

  it('takes a worker without any authority’s key', () => {
    expect(problemsOf(worker)).toBe('accepted');
  });

  it.each<[string, string, object[]]>([
    ['an unknown key', 'Unrecognized', [{ ...main, machine: { ...machine, instal: {} } }]],
    ['an unknown document', 'not registered', [main, { ...hostname, kind: 'HostConfig' }]],
    ['a document twice', 'duplicate', [main, hostname, hostname]],
    ['no main document', 'missing', [hostname]],
    ['no install disk', 'disk is required', [{ ...main, machine: { ...machine, install: {} } }]],
    ['a control plane without its key', 'required', [{ ...main, machine: { ...machine, ca: { crt: pair.crt } } }]],
    ['a worker with the authority’s key', 'not allowed', [{ ...worker, machine: { ...worker.machine, ca: pair } }]],
    ['a worker with a VIP', 'not allowed', [worker, vip]],
    ['a name that is also automatic', 'exclude', [main, { ...hostname, auto: 'stable' }]],
    [
      'a plain-http endpoint',
      'endpoint',
      [{ ...main, cluster: { ...cluster, controlPlane: { endpoint: 'http://a' } } }],
    ],
    [
      'a Kubernetes that is too new',
      'not supported',
      [{ ...main, machine: { ...machine, kubelet: { image: 'k:v1.40.0' } } }],
    ],
    ['an address without its prefix', 'prefix length', [main, { ...link, addresses: [{ address: '10.0.0.11' }] }]],
  ])('refuses %s', (_, problem, documents) => {
    expect(problemsOf(...documents)).toContain(problem);
  });

  it('refuses what is no YAML', () => {
    expect(readNodeConfig('a: [', 'v1.13.9')).toHaveProperty('problems');
  });
});
