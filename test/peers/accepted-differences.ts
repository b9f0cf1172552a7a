import type { MachineSpec } from '../../core/rack-spec.ts';
import { hasSince, type TalosContract } from '../../talos/talos-contract.ts';

interface Accepted {
  /** The difference is at one of these paths or under it. */
  readonly paths: readonly string[];
  readonly since?: TalosContract;
  readonly until?: TalosContract;
  readonly only?: MachineSpec['role'];
  /** Differs only from an early release, which writes these things elsewhere than the release does. */
  readonly prerelease?: true;
  readonly why: string;
}

/** Where our configs do not say what Talos' own generator says for the same secrets, and why. */
const accepted: readonly Accepted[] = [
  {
    paths: ['HostnameConfig'],
    since: 'v1.12',
    why: 'The rack file names the machine; the generator leaves the name to the hardware.',
  },
  {
    paths: ['LinkConfig/enp1s0'],
    since: 'v1.12',
    why: 'The rack file gives the machine its address; the generator leaves it to DHCP.',
  },
  {
    paths: ['TimeSyncConfig'],
    since: 'v1.12',
    why: 'A rack without internet boots without the time; the generator relies on a server in the internet.',
  },
  {
    paths: ['Layer2VIPConfig/10.0.0.10'],
    since: 'v1.12',
    only: 'controlplane',
    why: 'The rack file has one shared address for the Kubernetes API; the generator brings no address up.',
  },
  {
    paths: ['main.machine.network', 'main.machine.time'],
    until: 'v1.11',
    why: 'Name, address, shared address and time of the rows above, which are sections in 1.11.',
  },
  {
    paths: ['main.machine.network'],
    since: 'v1.12',
    until: 'v1.12',
    why: 'The generator leaves an empty section, which says nothing.',
  },
  {
    paths: ['main.cluster.discovery'],
    until: 'v1.13',
    why: 'Discovery is a service in the internet; who is a member is in the rack file.',
  },
  { paths: ['DiscoveryServiceConfig/default'], since: 'v1.14', why: 'The row above, as a document.' },
  {
    paths: ['main.machine.certSANs'],
    why: 'The machine is reached at the address of the rack file, also before it has told its own.',
  },
  {
    paths: ['main.machine.install.diskSelector', 'main.machine.install.image'],
    until: 'v1.13',
    why: 'The approved disk by its own name, and the release of the rack file; the generator was given neither.',
  },
  { paths: ['UnattendedInstallConfig'], since: 'v1.14', why: 'The row above, as a document.' },
  {
    paths: ['main.machine.kubelet.nodeIP'],
    until: 'v1.13',
    why: 'The node is known by the address of the rack file, never by the shared one.',
  },
  { paths: ['KubeNodeConfig'], since: 'v1.14', why: 'The row above, as a document.' },
  {
    paths: ['main.cluster.etcd.advertisedSubnets'],
    only: 'controlplane',
    why: 'The same for etcd.',
  },
  {
    paths: ['main.cluster.apiServer.certSANs'],
    until: 'v1.13',
    only: 'controlplane',
    why: 'The API server is also asked at the address of each control plane, and at 127.0.0.1 by KubePrism.',
  },
  {
    paths: ['KubeAPIServerConfig.certExtraSANs'],
    since: 'v1.14',
    only: 'controlplane',
    why: 'The row above, as a document.',
  },
  { paths: ['main.cluster.network.cni'], until: 'v1.13', why: 'Spells out what the default is.' },
  {
    paths: ['main.cluster.allowSchedulingOnControlPlanes'],
    until: 'v1.13',
    only: 'controlplane',
    why: 'Spells out what the default is.',
  },
  {
    paths: [
      'DiscoveryIdentityConfig',
      'KubeAPIServerCAConfig',
      'KubeClusterConfig',
      'KubePrismConfig',
      'KubeletConfig',
      'SecurityProfileConfig',
      'VolumeConfig/EPHEMERAL',
      'main.cluster.ca',
      'main.cluster.clusterName',
      'main.cluster.controlPlane',
      'main.cluster.id',
      'main.cluster.secret',
      'main.machine.features.kubePrism',
      'main.machine.install',
      'main.machine.kubelet',
    ],
    prerelease: true,
    why: 'Documents of the release that are sections, or not there yet, in the early one.',
  },
  {
    paths: [
      'KubeAggregatorCAConfig',
      'KubeCoreDNSConfig',
      'KubeServiceAccountConfig',
      'main.cluster.aggregatorCA',
      'main.cluster.serviceAccount',
      'main.machine.nodeLabels',
    ],
    prerelease: true,
    only: 'controlplane',
    why: 'The same, on control planes.',
  },
  {
    paths: ['KubeEtcdEncryptionConfig.config.resources'],
    prerelease: true,
    only: 'controlplane',
    why: 'The early release calls the key `key1`; the release calls it `key2`, as all before did.',
  },
];

export const acceptedDifferences = (
  contract: TalosContract,
  role: MachineSpec['role'],
  isPrerelease: boolean,
): readonly string[] =>
  accepted
    .filter(
      ({ since = 'v1.11', until = 'v1.14', only = role, prerelease }) =>
        hasSince(contract, since) &&
        hasSince(until, contract) &&
        only === role &&
        (isPrerelease || prerelease !== true),
    )
    .flatMap(({ paths }) => paths);
