import type { Disk } from '../core/machine.ts';
import type { MachineSpec, RackSpec } from '../core/rack-spec.ts';
import type { MachineConfigRequest } from './machine-config-request.ts';
import type { TalosSecrets } from './talos-secrets.ts';

/**
 * What the config of a machine is made from while neither the machine nor the cluster exist: texts in the right form that
 * open nothing. For judging patches; it must never be sent.
 */
export function placeholderRequest(spec: RackSpec, machine: MachineSpec): MachineConfigRequest {
  const { bond, links = [] } = machine.network ?? {};
  return {
    spec,
    machine,
    secrets,
    installDisk,
    link: 'eth0',
    ...(bond === undefined ? {} : { members: bond.members.map((_, at) => `eth${at}`) }),
    ports: links.map((_, at) => `eth${at + 8}`),
  };
}

const pair = (name: string) => ({
  crt: `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`,
  key: `-----BEGIN PRIVATE KEY-----\n${name}\n-----END PRIVATE KEY-----\n`,
});

const secrets: TalosSecrets = {
  clusterId: 'placeholder',
  clusterSecret: 'placeholder',
  bootstrapToken: 'aaaaaa.aaaaaaaaaaaaaaaa',
  secretboxEncryptionSecret: 'placeholder',
  trustdToken: 'aaaaaa.aaaaaaaaaaaaaaaa',
  etcdCa: pair('etcd'),
  kubernetesCa: pair('kubernetes'),
  aggregatorCa: pair('aggregator'),
  serviceAccountKey: pair('service-account').key,
  osCa: pair('os'),
};

const installDisk: Disk = {
  name: 'placeholder',
  path: '/dev/placeholder',
  sizeBytes: 0n,
  serial: 'placeholder',
  transport: 'nvme',
  rotational: false,
  readOnly: false,
  signatures: [],
};
