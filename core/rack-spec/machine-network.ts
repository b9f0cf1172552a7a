import { z } from 'zod';
import { interfaceAddress, ipv4, linkName, mac, subnet } from './text-forms.ts';

const mtu = z.int().min(1280).max(9216).optional().describe('Largest packet in bytes, such as 9000.');
const dhcp = z.boolean().optional();

const route = z.strictObject({
  to: subnet.describe('Destination, such as 10.40.0.0/16.'),
  via: ipv4.describe('The router to it.'),
});
const routes = z.array(route).optional().describe('Routes beside the default route.');

/** A physical port of a machine; every key has to fit. */
const linkSelector = z
  .strictObject({
    mac: mac.optional().describe('Of the one port that is meant.'),
    name: z.string().min(1).optional().describe('Kernel name; * stands for any text: enp65s0f*.'),
    driver: z.string().min(1).optional().describe('Kernel driver, such as mlx5_core.'),
    minSpeedMbps: z.number().positive().optional().describe('Speed of the link as it is up now, at least.'),
  })
  .refine((selector) => Object.values(selector).some((wish) => wish !== undefined), {
    error: 'must name at least one of mac, name, driver, minSpeedMbps',
  });

const bond = z.strictObject({
  name: linkName.default('bond0').describe('Name of the bond on the machine.'),
  mode: z
    .enum(['balance-rr', 'active-backup', 'balance-xor', 'broadcast', '802.3ad', 'balance-tlb', 'balance-alb'])
    .describe('802.3ad is LACP, and needs a switch that does it; active-backup needs none.'),
  members: z
    .array(linkSelector)
    .min(1)
    .describe('The ports in it. One with a mac has to fit exactly one port; another takes every port that it fits.'),
  count: z
    .int()
    .min(1)
    .max(16)
    .optional()
    .describe('How many ports there have to be: a machine that shows another number is not configured.'),
  lacpRate: z.enum(['slow', 'fast']).optional().describe('How often LACP asks the switch; only with 802.3ad.'),
  hashPolicy: z
    .enum(['layer2', 'layer3+4', 'layer2+3', 'encap2+3', 'encap3+4'])
    .optional()
    .describe('What decides by which port a packet leaves.'),
  miimonMs: z.int().min(0).max(60_000).default(100).describe('How often the ports are looked at, in milliseconds.'),
});

const vlanId = z.int().min(1).max(4094);

const vlan = z.strictObject({
  id: vlanId.describe('VLAN number.'),
  address: interfaceAddress.optional().describe('Address with prefix length, such as 10.30.0.11/24.'),
  dhcp: dhcp.describe('Ask DHCP on it.'),
  mtu,
  routes,
});

const extraLink = linkSelector.safeExtend({
  address: interfaceAddress.optional().describe('Address with prefix length, such as 10.40.0.11/24.'),
  dhcp: dhcp.describe('Ask DHCP on it.'),
  mtu,
  routes,
});

/** How the address of a machine comes to it, and what other networks it is in. */
export const machineNetwork = z.strictObject({
  dhcp: dhcp.describe('Ask DHCP for the address. `address` has to be the one that your DHCP server keeps for it.'),
  mtu,
  bond: bond.optional().describe('Several ports as one link, which then carries the address.'),
  vlan: vlanId.optional().describe('The address is on this VLAN of the port or the bond, not on the link itself.'),
  vlans: z.array(vlan).optional().describe('Further VLANs on the port or the bond.'),
  links: z.array(extraLink).optional().describe('Further ports; each has to fit exactly one.'),
});

export type MachineNetwork = z.output<typeof machineNetwork>;
export type LinkSelector = z.output<typeof linkSelector>;
export type BondSpec = z.output<typeof bond>;
