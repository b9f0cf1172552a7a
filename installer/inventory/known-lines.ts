import { z } from 'zod';
import { parseMac } from '../../core/mac-address.ts';
import type { TalosObservation } from '../../core/machine.ts';
import type { KnownMachine } from '../../core/rack.ts';

/** Which machine a line is about: a later line of the same one counts instead. */
export const keyOf = ({ macs, uuid = '' }: Pick<KnownMachine, 'macs' | 'uuid'>) => `${macs[0] ?? ''} ${uuid}`;

export function renderKnown({ macs, uuid, address, boot, lastReading, firstSeen, lastSeen }: KnownMachine): string {
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

/** The machines of a file of such lines; a line that is spoilt is not there. */
export function readKnown(text: string): readonly KnownMachine[] {
  const machines = new Map<string, KnownMachine>();
  for (const line of text.split('\n')) {
    const said = parseLine(line);
    if (said === undefined) continue;
    if ('gone' in said) machines.delete(said.gone);
    else machines.set(keyOf(said), said);
  }
  return [...machines.values()];
}

/** Says that what earlier lines call so was a part of another machine. */
export const renderGone = (key: string): string => JSON.stringify({ gone: key });

const goneMachine = z.object({ gone: z.string() });

function parseLine(line: string): KnownMachine | z.infer<typeof goneMachine> | undefined {
  if (line === '') return undefined;
  try {
    const told: unknown = JSON.parse(line);
    const gone = goneMachine.safeParse(told);
    if (gone.success) return gone.data;
    const { lastReading, ...rest } = knownMachine.parse(told);
    const reading = lastReading && {
      at: lastReading.at,
      observation: lastReading.observation as unknown as TalosObservation,
    };
    return { ...rest, ...(reading === undefined ? {} : { lastReading: reading }) } as KnownMachine;
  } catch {
    return undefined;
  }
}
