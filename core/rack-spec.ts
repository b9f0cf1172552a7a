import { z } from 'zod';
import { bootSettings, type MachineBoot } from './rack-spec/boot.ts';
import { type ConfigPatchSpec, layeredPatches } from './rack-spec/config-patch.ts';
import type { DiskSelector, DiskWish } from './rack-spec/disk-selector.ts';
import { fluxSource } from './rack-spec/flux-source.ts';
import {
  type FailureDomain,
  type MachineEntry,
  machineClass,
  machineEntry,
  type Role,
} from './rack-spec/machine-entry.ts';
import type { MachineNetwork } from './rack-spec/machine-network.ts';
import { registries } from './rack-spec/registries.ts';
import { talosSettings } from './rack-spec/talos-settings.ts';
import { dnsLabel, ipv4, subnet } from './rack-spec/text-forms.ts';

export { minorOf, supportedTalosMinors } from './rack-spec/supported-versions.ts';

/** The operator's rack file, key by key. What one key alone cannot tell is in check-rack-spec.ts. */
export const rackShape = z.strictObject({
  apiVersion: z.literal('rackwright.dev/v1alpha1'),
  kind: z.literal('Rack'),
  name: dnsLabel.describe('Name of the cluster; typed by you before data is lost.'),
  talos: talosSettings.describe('What is installed on disk.'),
  kubernetes: z
    .strictObject({
      version: z
        .string()
        .regex(/^v\d+\.\d+\.\d+$/, { error: 'must be a release such as v1.34.1' })
        .describe('Kubernetes release, of the minors that the Talos release accepts.'),
    })
    .describe('What runs on Talos.'),
  network: z
    .strictObject({
      interface: z.string().min(1).describe('The one network interface of this computer on which boots are answered.'),
      subnet: subnet.describe('The network of the machines; every address of theirs is in it.'),
      gateway: ipv4.optional().describe('Router; left out for a network without a way out.'),
      nameservers: z.array(ipv4).default([]).describe('DNS servers.'),
      timeServers: z.array(z.string().min(1)).default([]).describe('NTP servers.'),
      vip: ipv4.describe('Address of the Kubernetes API, shared by the control plane.'),
    })
    .describe('What all machines share.'),
  boot: bootSettings.describe('What machines boot before they are installed.'),
  cluster: z
    .strictObject({
      /** `none`: Flux installs the pod network, and nodes are NotReady until it has. */
      cni: z.enum(['none', 'flannel']).default('none').describe('Pod network: none leaves it to Flux.'),
      podSubnet: subnet.default('10.244.0.0/16').describe('Addresses of pods.'),
      serviceSubnet: subnet.default('10.96.0.0/16').describe('Addresses of services.'),
      dnsDomain: z.string().min(1).default('cluster.local').describe('DNS domain of services.'),
      scheduleOnControlPlanes: z.boolean().default(true).describe('Whether control planes run workloads.'),
      kubeletSubnets: z
        .array(subnet)
        .min(1)
        .optional()
        .describe('Where kubelets take the address of their node from; network.subnet when left out.'),
      etcdSubnets: z
        .array(subnet)
        .min(1)
        .optional()
        .describe('Where etcd members talk to each other; network.subnet when left out.'),
    })
    .prefault({})
    .describe('Kubernetes networks and scheduling.'),
  registries: registries.optional().describe('Mirrors of image registries.'),
  patches: layeredPatches.optional().describe('Patches of the Talos config by what they are for.'),
  classes: z.record(dnsLabel, machineClass).optional().describe('What several machines have in common, by name.'),
  machines: z.array(machineEntry).default([]).describe('The machines that are named one by one.'),
  flux: z
    .strictObject({
      manifest: z.string().min(1).describe('Flux’s release manifest (install.yaml), relative to the rack file.'),
      source: fluxSource.describe('What Flux installs the remaining layers from.'),
    })
    .describe('Who takes over once the cluster is healthy.'),
});

/** The rack file as it is written. */
export type RackFileSpec = z.output<typeof rackShape>;

/** One machine with what its class says for it; the first five keys are enough for a simple rack. */
export interface MachineSpec {
  readonly name: string;
  readonly role: Role;
  /** How the machine is recognised: at least one of the two. */
  readonly uuid?: string | undefined;
  readonly mac?: MachineEntry['mac'];
  /** The address that it has once it is installed. */
  readonly address: string;
  /** The one disk that Talos is installed on; never one of its storage disks. */
  readonly disk: DiskSelector;
  readonly class?: string | undefined;
  /** It was chosen by the selector of its class, and is no entry of the rack file. */
  readonly isChosen?: true;
  readonly storage?: readonly DiskWish[] | undefined;
  readonly network?: MachineNetwork | undefined;
  readonly failureDomain?: FailureDomain | undefined;
  readonly boot?: MachineBoot | undefined;
  /** Its own ones, as with patches. */
  readonly maintenanceConfig?: readonly ConfigPatchSpec[] | undefined;
  /** The management controller of its board. */
  readonly bmc?: MachineEntry['bmc'];
  /** Its own ones; those of its class are with the class. */
  readonly patches?: readonly ConfigPatchSpec[] | undefined;
}

/** The rack file, with every machine as it is after its class. */
export interface RackSpec extends Omit<RackFileSpec, 'machines'> {
  readonly machines: readonly MachineSpec[];
}

export type FluxSource = RackSpec['flux']['source'];
export type { ConfigPatchSpec } from './rack-spec/config-patch.ts';
export type { DiskSelector, DiskWish } from './rack-spec/disk-selector.ts';
export type { ClassSpec } from './rack-spec/machine-entry.ts';
export type { BondSpec, LinkSelector, MachineNetwork } from './rack-spec/machine-network.ts';
