import { rackSpecSchema } from '../../core/check-rack-spec.ts';
import type { Disk } from '../../core/machine.ts';
import type { RackSpec } from '../../core/rack-spec.ts';
import type { MachineConfigRequest } from '../machine-config-request.ts';
import { fakeSecrets } from './fake-secrets.ts';

export const exampleDisk: Disk = {
  name: 'nvme0n1',
  path: '/dev/nvme0n1',
  sizeBytes: 480n * 10n ** 9n,
  serial: 'S4EVNX0R',
  wwid: 'eui.0025385b01234567',
  transport: 'nvme',
  rotational: false,
  readOnly: false,
  signatures: [],
};

interface Variation {
  readonly talos?: string;
  readonly cluster?: Partial<RackSpec['cluster']>;
  readonly network?: Partial<RackSpec['network']>;
  /** More keys of the rack file. */
  readonly rack?: Readonly<Record<string, unknown>>;
  /** More keys of both machines. */
  readonly machine?: Readonly<Record<string, unknown>>;
}

/** A rack of one control plane and one worker. */
export const exampleSpec = ({
  talos = 'v1.13.9',
  cluster = {},
  network = {},
  rack = {},
  machine = {},
}: Variation = {}): RackSpec =>
  rackSpecSchema.parse({
    apiVersion: 'rackwright.dev/v1alpha1',
    kind: 'Rack',
    name: 'rack-1',
    talos: { version: talos },
    kubernetes: { version: 'v1.34.1' },
    network: { interface: 'eth0', subnet: '10.0.0.0/24', vip: '10.0.0.10', ...network },
    boot: { uki: { amd64: 'talos.efi' } },
    cluster,
    machines: [
      {
        name: 'node-1',
        role: 'controlplane',
        mac: '52:54:00:00:00:01',
        address: '10.0.0.11',
        disk: { serial: 'A' },
        ...machine,
      },
      {
        name: 'node-2',
        role: 'worker',
        mac: '52:54:00:00:00:02',
        address: '10.0.0.12',
        disk: { serial: 'B' },
        ...machine,
      },
    ],
    flux: { manifest: 'install.yaml', source: { kind: 'OCIRepository', url: 'oci://example.org/rack', tag: 'v1' } },
    ...rack,
  });

/** The request for the machine of this role. */
export function exampleRequest(role: 'controlplane' | 'worker', spec = exampleSpec()): MachineConfigRequest {
  const machine = spec.machines.find((one) => one.role === role);
  if (machine === undefined) throw new Error(`no ${role}`);
  const { bond, links = [] } = machine.network ?? {};
  return {
    spec,
    machine,
    secrets: fakeSecrets,
    installDisk: exampleDisk,
    link: 'enp1s0',
    ...(bond === undefined ? {} : { members: ['enp1s0', 'enp2s0'] }),
    ports: links.map((_, at) => `enp${at + 3}s0`),
  };
}
