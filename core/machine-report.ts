import { z } from 'zod';

/**
 * What `get machines -o json` and `describe machine -o json` print: a stable shape, described in docs/discovery.md. A
 * fact that is absent is unknown, and `unknown` says why where somebody tried to read it. Sizes that may not fit a
 * double are decimal texts; times are ISO 8601.
 */
const text = z.string();
const count = z.int().nonnegative();

const system = z.strictObject({
  vendor: text.optional(),
  product: text.optional(),
  version: text.optional(),
  serial: text.optional(),
  sku: text.optional(),
});

const processor = z.strictObject({
  socket: text.optional(),
  vendor: text.optional(),
  model: text.optional(),
  cores: count.optional(),
  threads: count.optional(),
  maxSpeedMHz: count.optional(),
});

const memory = z.strictObject({
  totalMiB: count,
  modules: z.array(
    z.strictObject({
      slot: text.optional(),
      sizeMiB: count,
      speedMTs: count.optional(),
      vendor: text.optional(),
      serial: text.optional(),
      part: text.optional(),
    }),
  ),
});

const link = z.strictObject({
  name: text,
  mac: text,
  isUp: z.boolean(),
  isPhysical: z.boolean(),
  speedMbit: count.optional(),
  duplex: z.enum(['full', 'half']).optional(),
  driver: text.optional(),
  busPath: text.optional(),
  vendor: text.optional(),
  product: text.optional(),
  mtu: count.optional(),
  addresses: z.array(text),
});

const disk = z.strictObject({
  name: text,
  path: text,
  sizeBytes: text,
  model: text.optional(),
  serial: text.optional(),
  wwid: text.optional(),
  transport: text.optional(),
  rotational: z.boolean(),
  readOnly: z.boolean(),
  /** Absent when nobody has looked (yet) what is on it; empty when it is blank. */
  contents: z
    .array(
      z.strictObject({
        kind: z.enum([
          'partition-table',
          'filesystem',
          'lvm',
          'md',
          'zfs',
          'drbd',
          'ceph',
          'luks',
          'swap',
          'talos',
          'device-mapper',
          'unknown',
          'other',
        ]),
        on: text,
        format: text.optional(),
        label: text.optional(),
        user: text.optional(),
      }),
    )
    .optional(),
  signatures: z.array(text).optional(),
});

export const machineReport = z.strictObject({
  apiVersion: z.literal('rackwright.dev/v1alpha1'),
  kind: z.literal('Machine'),
  /** Of its entry in the rack file, when it is the one machine of one entry. */
  name: text.optional(),
  /** By which people and files know it: its UUID, or its MAC addresses joined by `+`. */
  identity: text,
  identityBy: z.enum(['uuid', 'macs']),
  /** Why it is not known by its UUID. */
  identityReason: text.optional(),
  macs: z.array(text),
  uuid: text.optional(),
  address: text.optional(),
  /**
   * `maintenance`, `configured`: its Talos answers. `booting`: its firmware asked for a boot file. `seen`: it took an
   * address. `silent`: it answered once, and all that is told is from then.
   */
  state: z.enum(['maintenance', 'configured', 'booting', 'seen', 'silent']),
  /** Talos' own word for what it does. */
  stage: text.optional(),
  /** Why nothing will be written on it. */
  held: text.optional(),
  conflicts: z.array(z.strictObject({ mac: text, others: z.array(text) })),
  firstSeen: text.optional(),
  lastSeen: text.optional(),
  ageSeconds: count.optional(),
  boot: z.strictObject({ firmware: text, offered: text.optional() }).optional(),
  talos: z
    .strictObject({
      version: text,
      mode: z.enum(['maintenance', 'configured']),
      /** When this was read. */
      readAt: text,
      ready: z.boolean(),
      unmetConditions: z.array(text),
      fingerprint: text.optional(),
      systemDisk: text.optional(),
    })
    .optional(),
  system: system.optional(),
  processors: z.array(processor).optional(),
  memory: memory.optional(),
  firmwareMode: z.enum(['uefi', 'bios']).optional(),
  secureBoot: z.boolean().optional(),
  links: z.array(link).optional(),
  disks: z.array(disk).optional(),
  /** Partitions of an earlier install of Talos. */
  leftovers: z.array(z.strictObject({ disk: text, partition: text, label: text, mayHold: text })).optional(),
  unknown: z.array(z.strictObject({ fact: text, why: text, mayPass: z.literal(true).optional() })),
});

/** An address at which somebody answers who does not tell which machine it is. */
const strangerReport = z.strictObject({ address: text, reason: text });

export const machineListReport = z.strictObject({
  apiVersion: z.literal('rackwright.dev/v1alpha1'),
  kind: z.literal('MachineList'),
  items: z.array(machineReport),
  unidentified: z.array(strangerReport),
});

export type MachineReport = z.output<typeof machineReport>;
export type MachineListReport = z.output<typeof machineListReport>;
