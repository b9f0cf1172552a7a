import { z } from 'zod';
import { configPatches } from './config-patch.ts';
import { addressRange, ipv4, linkName, port, subnet } from './text-forms.ts';

const uki = z.strictObject({
  amd64: z.string().min(1).optional().describe('For amd64 machines.'),
  arm64: z.string().min(1).optional().describe('For arm64 machines.'),
});

const assets = z.strictObject({
  architectures: z
    .array(z.enum(['amd64', 'arm64']))
    .min(1)
    .default(['amd64'])
    .describe('What the machines are made of.'),
  certificate: z.string().min(1).optional().describe('PEM of the certificate that UKIs must be signed with.'),
});

/**
 * How a machine boots where its firmware leaves a choice. What asks in another way gets no answer, so that the firmware goes
 * on to its next boot option.
 */
const bootThrough = z.enum(['auto', 'uefi-http', 'uefi-tftp', 'ipxe']);

/**
 * How an installed machine that asks the network gets to its disk: `exit` and `sanboot` are commands of iPXE, `not-found` is a
 * boot file that is not there.
 */
const diskThrough = z.enum(['silence', 'not-found', 'exit', 'sanboot']);

const describeThrough =
  'auto: whatever the firmware asks for first; uefi-http, uefi-tftp or ipxe: only this way, and no answer to the others.';
const describeDisk =
  'How an installed machine that asks gets to its disk: silence; not-found: a boot file that is not there; exit or sanboot: by iPXE.';

/** What a machine or a class says of its boot. */
export const machineBoot = z
  .strictObject({
    through: bootThrough.optional().describe(describeThrough),
    localDisk: diskThrough.optional().describe(describeDisk),
  })
  .refine((one) => one.through !== undefined || one.localDisk !== undefined, {
    error: 'must have through, localDisk or both',
  });

const relayedPool = z.strictObject({
  subnet: subnet.describe('The network behind the relay.'),
  addresses: addressRange.describe('First and last address that are handed out.'),
  gateway: ipv4.optional().describe('Its router.'),
});

/** What machines boot before they are installed, and who gives them addresses meanwhile. */
export const bootSettings = z.strictObject({
  uki: uki.default({}).describe('Talos UKI per architecture, relative to the rack file.'),
  assets: assets.optional().describe('Instead of uki: what rackwright assets pull has fetched and pinned.'),
  ipxe: z
    .string()
    .min(1)
    .optional()
    .describe('Directory with iPXE for BIOS machines; those of this computer are found by themselves.'),
  through: bootThrough.default('auto').describe(describeThrough),
  localDisk: diskThrough.default('silence').describe(describeDisk),
  maintenanceConfig: configPatches
    .default([])
    .describe('Talos documents, none of them secret, that a machine of this file gets when it boots through iPXE.'),
  /** Firmware asks the well-known ports; other ones are for a redirect in front of us. */
  ports: z
    .strictObject({
      dhcp: port.default(67),
      proxyDhcp: port.default(4011),
      tftp: port.default(69),
      http: port.default(8080),
    })
    .prefault({})
    .describe('Ports that are listened on.'),
  interfaces: z
    .array(linkName)
    .default([])
    .describe('More interfaces of this computer on which boots are answered, such as VLANs.'),
  allowInterfaces: z
    .array(linkName)
    .default([])
    .describe('Interfaces that are served although they are wireless or have the default route.'),
  singleTftpPort: z.boolean().default(false).describe('TFTP from one port, for clients behind NAT.'),
  dhcp: z
    .enum(['proxy', 'firmware', 'full', 'off'])
    .default('proxy')
    .describe(
      'proxy: another server gives addresses; firmware: we do, to machines while they boot; full: we do, to everybody; off: another server gives addresses and boot files.',
    ),
  pool: addressRange
    .optional()
    .describe('With dhcp full or firmware: addresses for machines that have none of their own here.'),
  leaseMinutes: z.int().min(2).max(10_080).default(60).describe('How long an address is given.'),
  besideOtherDhcp: z.boolean().default(false).describe('Serve addresses although another DHCP server answers.'),
  relayedPools: z.array(relayedPool).default([]).describe('Networks behind DHCP relays.'),
});

export type BootSettings = z.output<typeof bootSettings>;
export type MachineBoot = z.output<typeof machineBoot>;
