import type { StampedEvent } from './event.ts';
import type { MacAddress } from './mac-address.ts';
import { minutes } from './millis.ts';
import { spanBetween } from './timestamp.ts';

/** One thing that happened while a machine booted. */
export interface BootMoment {
  /** ISO 8601. */
  readonly at: string;
  readonly kind: BootMomentKind;
  /** For people, with what was seen. */
  readonly says: string;
}

export type BootMomentKind =
  | 'offered'
  | 'unanswered'
  | 'proxy-answered'
  | 'addressed'
  /** It asks once more, right behind a boot file that it fetched whole. */
  | 'returned'
  | 'probed'
  | 'started'
  | 'broken-off'
  | 'fetched'
  /** By a script of iPXE. */
  | 'sent-to-disk'
  /** Talos runs, and has what it is to start with. */
  | 'configured'
  | 'talos';

/** How one machine booted last: from its DISCOVER until its Talos answers. */
export interface BootTimeline {
  readonly mac: MacAddress;
  /** Name in the rack file; absent for a stranger. */
  readonly machine?: string;
  readonly firmware: string;
  readonly address?: string;
  readonly moments: readonly BootMoment[];
}

/** By MAC address, the one that booted last at the end. */
export type BootTimelines = ReadonlyMap<MacAddress, BootTimeline>;

/** What a maintenance config is called where files that were fetched have names. */
export const maintenanceConfigName = 'maintenance config';

/** Names of the boot-file table that are no boot but the way to the disk. */
const diskScripts: ReadonlySet<string> = new Set(['exit.ipxe', 'sanboot.ipxe']);

/** Machines and moments of one that are kept at most: a machine that boots in circles must not fill the memory. */
const enough = { machines: 4096, moments: 64 };

/** A boot that went further than these was another one than that of the next DISCOVER. */
const asking: readonly BootMomentKind[] = ['offered', 'unanswered', 'proxy-answered', 'addressed', 'returned'];

/** Firmware that starts what it fetched does not come back before Talos has booted. */
const returnsWithin = minutes(1);

/** The timelines with this event in them. */
export function foldBoot(timelines: BootTimelines, event: StampedEvent): BootTimelines {
  const { at } = event;
  switch (event.type) {
    case 'boot.asked': {
      const before = timelines.get(event.mac);
      const begun = before?.moments.every(({ kind }) => asking.includes(kind)) ? before.moments : [];
      const returned = begun.length === 0 && hasReturned(before, event);
      const card = event.networkCard === undefined ? '' : `, network card ${event.networkCard}`;
      const asked = `${event.firmware} (${event.architecture}${card}) sent ${event.message} to port ${event.service === 'dhcp' ? '67' : '4011'}`;
      const kind = event.isAnswered ? (event.service === 'dhcp' ? 'offered' : 'proxy-answered') : 'unanswered';
      const says = event.isAnswered ? `${asked}, and was told what to boot` : `${asked}, and was given nothing to boot`;
      return put(timelines, {
        ...(before?.machine === undefined ? {} : { machine: before.machine }),
        ...(before?.address === undefined ? {} : { address: before.address }),
        mac: event.mac,
        firmware: event.firmware,
        moments: [
          ...begun,
          ...(returned ? [{ at, kind: 'returned', says: 'It fetched its boot file and is back' } as const] : []),
          { at, kind, says },
        ],
      });
    }
    case 'boot.decided':
      if (event.machine === undefined) return timelines;
      // The decision is told before the question that it answers.
      return put(timelines, {
        ...(timelines.get(event.mac) ?? { mac: event.mac, firmware: event.firmware, moments: [] }),
        machine: event.machine,
      });
    case 'boot.addressed': {
      const known = timelines.get(event.mac);
      if (known === undefined || known.address === event.address) return timelines;
      const moment: BootMoment = { at, kind: 'addressed', says: `It took the address ${event.address}` };
      return change(timelines, event.mac, { address: event.address }, moment);
    }
    case 'file.probed':
      return atAddress(timelines, event.address, {
        at,
        kind: 'probed',
        says: `It asked for the size of ${event.file} (${event.protocol}, ${event.bytes} bytes)`,
      });
    case 'file.started':
      return atAddress(timelines, event.address, {
        at,
        kind: 'started',
        says: `It began to fetch ${event.file} (${event.protocol}, ${event.bytes} bytes)`,
      });
    case 'file.served':
      return atAddress(timelines, event.address, { at, ...describeServed(event) });
    case 'machine.observed': {
      const known = [...timelines.values()].find(
        ({ machine, address }) => machine === event.machine || address === event.address,
      );
      if (known === undefined || known.moments.at(-1)?.kind === 'talos') return timelines;
      const moment: BootMoment = { at, kind: 'talos', says: `Talos answers at ${event.address} (${event.stage})` };
      return change(timelines, known.mac, {}, moment);
    }
    default:
      return timelines;
  }
}

type Asked = Extract<StampedEvent, { type: 'boot.asked' }>;

/** iPXE that asks was started by the file; firmware that asks in another way than before was not. */
function hasReturned(before: BootTimeline | undefined, { firmware, at }: Asked): boolean {
  const last = before?.moments.at(-1);
  const isStarted = firmware === 'ipxe' && before?.firmware !== 'ipxe';
  if (last?.kind !== 'fetched' || isStarted) return false;
  return spanBetween(last.at, at) < returnsWithin;
}

type Served = Extract<StampedEvent, { type: 'file.served' }>;

function describeServed({ file, protocol, bytes, complete, durationMillis, tftp }: Served): Omit<BootMoment, 'at'> {
  const rate =
    durationMillis === undefined || durationMillis === 0
      ? ''
      : ` in ${(durationMillis / 1000).toFixed(1)} s, ${(bytes / 1e3 / durationMillis).toFixed(1)} MB/s`;
  const lost = tftp === undefined ? '' : `, ${tftp.resentBlocks} blocks sent again`;
  if (complete && file === maintenanceConfigName)
    return { kind: 'configured', says: `Talos has started and fetched its ${file} (${bytes} bytes)` };
  if (complete && diskScripts.has(file))
    return { kind: 'sent-to-disk', says: `iPXE was told to start its disk (${file})` };
  const how = `${bytes} bytes of ${file} (${protocol})${rate}${lost}`;
  return complete
    ? { kind: 'fetched', says: `It fetched ${how}` }
    : { kind: 'broken-off', says: `It broke off after ${how}` };
}

function change(
  timelines: BootTimelines,
  mac: MacAddress,
  facts: Partial<BootTimeline>,
  ...moments: readonly BootMoment[]
): BootTimelines {
  const known = timelines.get(mac);
  return known === undefined
    ? timelines
    : put(timelines, { ...known, ...facts, moments: [...known.moments, ...moments] });
}

function atAddress(timelines: BootTimelines, address: string, moment: BootMoment): BootTimelines {
  // An address is given to another machine later: the one that booted last has it now.
  const known = [...timelines.values()].findLast((timeline) => timeline.address === address);
  return known === undefined ? timelines : change(timelines, known.mac, {}, moment);
}

function put(timelines: BootTimelines, timeline: BootTimeline): BootTimelines {
  const next = new Map(timelines);
  next.delete(timeline.mac);
  next.set(timeline.mac, { ...timeline, moments: timeline.moments.slice(-enough.moments) });
  for (const oldest of next.keys().take(Math.max(0, next.size - enough.machines))) next.delete(oldest);
  return next;
}
