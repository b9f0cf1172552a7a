import { nodeClock } from '../../bin/platform/node-clock.ts';
import { nodeRandom } from '../../bin/platform/node-random.ts';
import { rackSpecSchema } from '../../core/check-rack-spec.ts';
import { parseMac } from '../../core/mac-address.ts';
import type { RackSpec } from '../../core/rack-spec.ts';
import { createAuthority, type TalosSecrets } from '../../talos/index.ts';
import type { MachineFault, MachineScenario } from './scenario.ts';

const ports = { clock: nodeClock, random: nodeRandom };

export interface LabWish {
  /** Second octet of the lab's loopback addresses: test files that run at the same time take different ones. */
  readonly net: number;
  readonly controlPlanes?: number;
  readonly workers?: number;
  readonly talosVersion?: string;
  readonly transport?: 'http' | 'tftp';
  readonly faults?: Readonly<Record<string, readonly MachineFault[]>>;
  readonly cni?: 'none' | 'flannel';
}

export function labMachines(wish: LabWish): MachineScenario[] {
  return [
    ...Array.from({ length: wish.controlPlanes ?? 1 }, (_, at) => machine(wish, `cp-${at + 1}`, 10 + at)),
    ...Array.from({ length: wish.workers ?? 0 }, (_, at) => machine(wish, `node-${at + 1}`, 20 + at)),
  ];
}

function machine(wish: LabWish, name: string, number: number): MachineScenario {
  const transport = wish.transport ?? 'http';
  const disk = (at: number) => ({
    name: `nvme${at}n1`,
    path: `/dev/nvme${at}n1`,
    serial: `${name}-disk-${at}`,
    model: 'TEST',
    sizeBytes: 480_000_000_000n,
    transport: 'nvme',
    rotational: false,
    signatures: at === 1 ? [{ partition: 0, name: 'lvm2-pv' }] : [],
  });
  return {
    name,
    mac: parseMac(`52:54:00:${wish.net.toString(16)}:00:${number}`)!,
    uuid: `00000000-0000-4000-8000-0000000000${number}`,
    leasedAddress: `127.${wish.net}.1.${number}`,
    link: 'eth0',
    disks: [disk(0), disk(1)],
    firmware: { transport, architecture: transport === 'http' ? 16 : 7 },
    talosVersion: wish.talosVersion ?? 'v1.13.9',
    faults: wish.faults?.[name] ?? [],
  };
}

/** The rack file of those machines; the first disk of each is the one that Talos goes on. */
export function labSpec(wish: LabWish, machines: readonly MachineScenario[]): RackSpec {
  return rackSpecSchema.parse({
    apiVersion: 'rackwright.dev/v1alpha1',
    kind: 'Rack',
    name: 'lab',
    talos: { version: wish.talosVersion ?? 'v1.13.9' },
    kubernetes: { version: 'v1.34.1' },
    network: { interface: 'lo', subnet: `127.${wish.net}.0.0/16`, vip: `127.${wish.net}.2.1` },
    boot: { uki: { amd64: 'uki.efi' } },
    cluster: { cni: wish.cni ?? 'flannel' },
    machines: machines.map(({ name, mac, leasedAddress }) => ({
      name,
      role: name.startsWith('cp-') ? 'controlplane' : 'worker',
      mac,
      address: leasedAddress.replace('.1.', '.2.'),
      disk: { serial: `${name}-disk-0` },
    })),
    flux: { manifest: 'install.yaml', source: { kind: 'OCIRepository', url: 'oci://registry.example/lab', tag: 'v1' } },
  });
}

/** Secrets with everything that the lab looks at; making the service account's RSA key would take a second. */
export async function labSecrets(): Promise<TalosSecrets> {
  const [osCa, etcdCa, kubernetesCa, aggregatorCa] = await Promise.all([
    createAuthority({ kind: 'ed25519', organization: 'talos' }, ports),
    createAuthority({ kind: 'ecdsa-p256', organization: 'etcd' }, ports),
    createAuthority({ kind: 'ecdsa-p256', organization: 'kubernetes' }, ports),
    createAuthority({ kind: 'ecdsa-p256' }, ports),
  ]);
  return {
    ...{ osCa, etcdCa, kubernetesCa, aggregatorCa },
    clusterId: 'lab',
    clusterSecret: 'lab',
    bootstrapToken: 'aaaaaa.bbbbbbbbbbbbbbbb',
    trustdToken: 'cccccc.dddddddddddddddd',
    secretboxEncryptionSecret: 'lab',
    serviceAccountKey: 'lab',
  };
}
