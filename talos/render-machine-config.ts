import { stringify } from 'yaml';
import type { Disk } from '../core/machine.ts';
import type { MachineSpec, RackSpec } from '../core/rack-spec.ts';
import { clusterConfig, controlPlaneClusterConfig, machineSubnets } from './cluster-config.ts';
import { hostnameConfig, layer2VipConfig, linkConfig, resolverConfig, timeSyncConfig } from './config-documents.ts';
import { installDiskSelector } from './install-disk-selector.ts';
import { kubernetesImages } from './kubernetes-images.ts';
import { encodePem } from './pem-base64.ts';
import type { TalosSecrets } from './talos-secrets.ts';

export interface MachineConfigRequest {
  readonly spec: RackSpec;
  /** One of `spec.machines`. */
  readonly machine: MachineSpec;
  readonly secrets: TalosSecrets;
  /** The one disk that Talos is to be installed on, as it was observed on this machine. */
  readonly installDisk: Disk;
  /** Kernel name of the physical link that gets the machine's address. */
  readonly link: string;
}

/**
 * The config of one machine for Talos 1.12 and 1.13, as YAML documents: what Talos' own generator writes for these
 * versions, and what the rack file says. It holds secrets. The same request always gives the same text. Fault
 * `talos/disk-not-nameable`.
 */
export function renderMachineConfig(request: MachineConfigRequest): string {
  const { spec, machine, link } = request;
  const documents = [
    mainDocument(request),
    hostnameConfig(machine),
    linkConfig(spec, machine, link),
    ...(spec.network.nameservers.length === 0 ? [] : [resolverConfig(spec)]),
    timeSyncConfig(spec),
    ...(machine.role === 'controlplane' ? [layer2VipConfig(spec, link)] : []),
  ];
  // As YAML 1.1, so that a reader of that version does not take `off` for false.
  return documents.map((document) => stringify(document, { version: '1.1', lineWidth: 0 })).join('---\n');
}

function mainDocument({ spec, machine, secrets, installDisk }: MachineConfigRequest) {
  const isControlPlane = machine.role === 'controlplane';
  return {
    version: 'v1alpha1',
    debug: false,
    persist: true,
    machine: {
      type: machine.role,
      token: secrets.trustdToken,
      // A worker gets its certificate from a control plane, and must not hold the authority's key.
      ca: { crt: encodePem(secrets.osCa.crt), key: isControlPlane ? encodePem(secrets.osCa.key) : '' },
      certSANs: [machine.address],
      kubelet: {
        image: kubernetesImages(spec.kubernetes.version).kubelet,
        defaultRuntimeSeccompProfileEnabled: true,
        disableManifestsDirectory: true,
        nodeIP: { validSubnets: machineSubnets(spec) },
      },
      install: {
        diskSelector: installDiskSelector(installDisk, machine.name),
        image: `${spec.talos.installer}:${spec.talos.version}`,
        wipe: false,
        grubUseUKICmdline: true,
      },
      features: {
        diskQuotaSupport: true,
        kubePrism: { enabled: true, port: 7445 },
        hostDNS: { enabled: true, forwardKubeDNSToHost: true },
      },
      ...(isControlPlane && !spec.cluster.scheduleOnControlPlanes ? { nodeLabels: withoutLoadBalancers } : {}),
    },
    cluster: isControlPlane ? controlPlaneClusterConfig(spec, secrets) : clusterConfig(spec, secrets),
  };
}

/** Talos' default for control planes; one that also runs workloads has to be reachable by load balancers. */
const withoutLoadBalancers = { 'node.kubernetes.io/exclude-from-external-load-balancers': '' };
