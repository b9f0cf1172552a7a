import { z } from 'zod';
import { type MacAddress, parseMac } from '../../core/mac-address.ts';
import type { Machine, TalosObservation } from '../../core/machine.ts';
import type { Files } from '../../core/ports.ts';
import type { Fact, KnownMachine } from '../../core/rack.ts';

/**
 * What is known of each machine, kept between runs: its cards, the address that it took last, and its last reading. A
 * machine that waits in maintenance mode asks DHCP again only when half of its lease is over, so a later run would not
 * hear of it. Only hints: what answers at an address is believed by its identity. No secrets: all of it was told to
 * everybody who asked.
 */
export interface Inventory {
  /** What earlier runs knew, as facts. */
  readonly facts: readonly Fact[];
  note(machine: Machine): void;
  /** Resolves when everything noted is on the disk; rejects when it could not be written. */
  flush(): Promise<void>;
}

/** Reads the inventory; what is missing or spoilt is not known, since all in it can be seen again. */
export async function openInventory(
  path: string,
  files: Pick<Files, 'readText' | 'writeAtomically'>,
): Promise<Inventory> {
  const known = ((await files.readText(path)) ?? '').split('\n').flatMap((line) => parseKnown(line) ?? []);
  const lines = new Map<string, { readonly macs: ReadonlySet<MacAddress>; readonly news: string; line: string }>();
  const owners = new Map<MacAddress, Set<string>>();
  const put = (key: string, machine: KnownMachine, line: string) => {
    drop(key);
    lines.set(key, { macs: new Set(machine.macs), news: newsOf(machine), line });
    for (const mac of machine.macs) owners.set(mac, (owners.get(mac) ?? new Set()).add(key));
  };
  const drop = (key: string) => {
    for (const mac of lines.get(key)?.macs ?? []) owners.get(mac)?.delete(key);
    lines.delete(key);
  };
  for (const machine of known) put(keyOf(machine), machine, renderKnown(machine));

  let isDirty = false;
  let writing: Promise<void> | undefined;
  let failure: { readonly reason: unknown } | undefined;
  const write = async () => {
    while (isDirty) {
      isDirty = false;
      await files.writeAtomically(path, [...lines.values()].map(({ line }) => `${line}\n`).join(''), 0o600);
    }
  };
  /** One write at a time; what is noted meanwhile goes into the next. */
  const start = () => {
    isDirty = true;
    writing ??= write()
      .then(() => {
        failure = undefined;
      })
      .catch((reason: unknown) => {
        failure = { reason };
      })
      .finally(() => {
        writing = undefined;
      });
  };
  let isStale = false;

  return {
    facts: known.map((machine) => ({ kind: 'known', at: machine.lastSeen, machine })),
    note(machine) {
      const seen = { ...machine, firstSeen: machine.firstSeen ?? 0, lastSeen: machine.lastSeen ?? 0 };
      const key = keyOf(seen);
      const before = lines.get(key);
      for (const other of new Set(machine.macs.flatMap((mac) => [...(owners.get(mac) ?? [])]))) {
        const isPart = [...(lines.get(other)?.macs ?? [])].every((mac) => machine.macs.includes(mac));
        if (other !== key && isPart) drop(other);
      }
      put(key, seen, renderKnown(seen));
      if (before?.news === newsOf(seen)) isStale = true;
      else start();
    },
    async flush() {
      if (isStale || failure !== undefined) start();
      isStale = false;
      await writing;
      if (failure !== undefined) throw failure.reason;
    },
  };
}

const keyOf = ({ macs, uuid = '' }: Pick<KnownMachine, 'macs' | 'uuid'>) => `${macs[0] ?? ''} ${uuid}`;

/** What is worth a write at once; times and the like can wait for the next. */
function newsOf({ macs, uuid, address, boot, lastReading }: KnownMachine): string {
  const { mode, stage, bootMark, disks = [] } = lastReading?.observation ?? {};
  const found = disks.map(({ name, signatures }) => [name, ...signatures]);
  return JSON.stringify([macs, uuid, address, boot, mode, stage, bootMark, found]);
}

function renderKnown({ macs, uuid, address, boot, lastReading, firstSeen, lastSeen }: KnownMachine): string {
  return JSON.stringify({ macs, uuid, address, boot, lastReading, firstSeen, lastSeen }, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}

const mac = z.string().transform((text, context) => {
  const parsed = parseMac(text);
  if (parsed === undefined) context.addIssue('is no MAC address');
  return parsed ?? z.NEVER;
});
/** Only what the rack and its readers rely on; the rest is taken as it was written. */
const observation = z.looseObject({
  address: z.string(),
  mode: z.enum(['maintenance', 'configured']),
  stage: z.string(),
  version: z.string(),
  bootMark: z.string(),
  unmetConditions: z.array(z.string()),
  links: z.array(z.looseObject({ name: z.string(), mac, isPhysical: z.boolean() })),
  addresses: z.array(z.looseObject({ link: z.string(), cidr: z.string() })),
  disks: z.array(
    z.looseObject({
      name: z.string(),
      path: z.string(),
      sizeBytes: z.string().regex(/^\d+$/).transform(BigInt),
      signatures: z.array(z.string()),
    }),
  ),
});
const knownMachine = z.object({
  macs: z.array(mac).min(1),
  uuid: z.string().optional(),
  address: z.string().optional(),
  boot: z.object({ firmware: z.string(), offered: z.string().optional() }).optional(),
  lastReading: z.object({ at: z.number(), observation }).optional(),
  firstSeen: z.number(),
  lastSeen: z.number(),
});

function parseKnown(line: string): KnownMachine | undefined {
  if (line === '') return undefined;
  try {
    const { lastReading, ...rest } = knownMachine.parse(JSON.parse(line));
    const reading = lastReading && {
      at: lastReading.at,
      observation: lastReading.observation as unknown as TalosObservation,
    };
    return { ...rest, ...(reading === undefined ? {} : { lastReading: reading }) } as KnownMachine;
  } catch {
    return undefined;
  }
}
