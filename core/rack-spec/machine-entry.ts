import { z } from 'zod';
import { machineBoot } from './boot.ts';
import { configPatches } from './config-patch.ts';
import { diskSelector } from './disk-selector.ts';
import { machineNetwork } from './machine-network.ts';
import { addressRange, dnsLabel, ipv4, mac, uuid } from './text-forms.ts';

const role = z.enum(['controlplane', 'worker']);

const failureDomain = z
  .strictObject({
    rack: dnsLabel.optional().describe('Rack, room or row: what fails together. Becomes topology.kubernetes.io/zone.'),
    pdu: dnsLabel.optional().describe('Power feed. Becomes the node label rackwright.dev/pdu.'),
  })
  .refine(({ rack, pdu }) => rack !== undefined || pdu !== undefined, { error: 'must name rack, pdu or both' });

/** What a machine and its class may both say. */
const shared = {
  role: role.optional().describe('controlplane or worker.'),
  disk: diskSelector
    .optional()
    .describe('The one disk that Talos is installed on; everything on it is lost. Has to fit exactly one disk.'),
  storage: z
    .array(diskSelector)
    .optional()
    .describe('Disks for data, which an install never writes; every disk that one of these fits is protected.'),
  network: machineNetwork.optional().describe('Bond, VLANs, MTU and further links; DHCP.'),
  failureDomain: failureDomain.optional().describe('What the machine shares with others that fail with it.'),
  boot: machineBoot.optional().describe('How it boots, where that differs from the rack.'),
  maintenanceConfig: configPatches.optional().describe('Beside those of boot.maintenanceConfig.'),
  patches: configPatches.optional().describe('Patches of the Talos config.'),
};

/** What several machines have in common; with a selector, which machines those are. */
export const machineClass = z
  .strictObject({
    ...shared,
    selector: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Chooses machines that no entry of `machines` means: an expression in CEL over what was observed, such as ' +
          'machine.memoryGB >= 256.0 && machine.disks.exists(d, d.transport == "nvme").',
      ),
    count: z.int().min(1).max(5000).optional().describe('With a selector: how many machines it has to choose.'),
    settleMinutes: z
      .int()
      .min(1)
      .max(120)
      .optional()
      .describe(
        'With a selector: for how long no other machine may come up before it chooses; 10 when left out, which is what a ' +
          'large server takes to start.',
      ),
    addresses: addressRange
      .optional()
      .describe('With a selector: the addresses that its machines get, such as 10.0.0.50-10.0.0.69.'),
  })
  .refine(({ selector, count }) => (selector === undefined) === (count === undefined), {
    error: 'must have selector and count together, or neither',
  })
  .refine(({ selector, settleMinutes }) => settleMinutes === undefined || selector !== undefined, {
    error: 'has settleMinutes but no selector; only a class that chooses machines waits for others',
  })
  .refine(({ selector, addresses }) => addresses === undefined || selector !== undefined, {
    error: 'has addresses but no selector; machines of the rack file name their own',
  });

export const machineEntry = z
  .strictObject({
    name: dnsLabel.describe('Host name and node name.'),
    class: dnsLabel.optional().describe('A class of this file; what the machine says itself has precedence.'),
    /** How the machine is recognised: at least one of the two. */
    uuid: uuid.optional().describe('SMBIOS UUID.'),
    mac: mac.optional().describe('MAC address of any one of its physical network ports.'),
    address: ipv4.describe('The address that it has once it is installed.'),
    bmc: z
      .strictObject({ address: ipv4.describe('Where it answers to Redfish or IPMI.') })
      .optional()
      .describe('The management controller of its board; it is looked at whether it answers, and told nothing.'),
    ...shared,
  })
  .refine((one) => one.uuid !== undefined || one.mac !== undefined, {
    error: 'must have a uuid or a mac, or nobody can tell which machine it is',
  });

export type Role = z.output<typeof role>;
export type ClassSpec = z.output<typeof machineClass>;
export type MachineEntry = z.output<typeof machineEntry>;
export type FailureDomain = z.output<typeof failureDomain>;
