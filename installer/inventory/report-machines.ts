import { identityOf } from '../../core/identity.ts';
import type { BootSighting, Machine, TalosObservation } from '../../core/machine.ts';
import type { MachineReport } from '../../core/machine-report.ts';
import type { Rack } from '../../core/rack.ts';
import type { RackSpec } from '../../core/rack-spec.ts';
import { isMeant, reasonToHold } from '../resolve-machines.ts';
import { describeConflict } from './describe-conflict.ts';

export interface ReportOptions {
  /** Names the machines, and says which of them are held. */
  readonly spec?: RackSpec | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** A moment in milliseconds since 1970 as ISO 8601. */
  readonly renderTime: (at: number) => string;
}

/** Every machine of a rack as data, those of the rack file first and in its order. */
export function reportMachines(rack: Rack, options: ReportOptions): MachineReport[] {
  const { spec } = options;
  const order = new Map(spec?.machines.map(({ name }, index) => [name, index]));
  const placeOf = ({ name }: MachineReport) => (name === undefined ? order.size : (order.get(name) ?? order.size));
  return [...rack.machines.values()]
    .map((machine) => reportMachine(machine, rack, options))
    .sort((a, b) => placeOf(a) - placeOf(b) || (a.identity < b.identity ? -1 : 1));
}

function reportMachine(machine: Machine, rack: Rack, { spec, now, renderTime }: ReportOptions): MachineReport {
  const identity = identityOf(machine, rack);
  const reading = machine.lastReading;
  const held = spec === undefined ? describeConflict(machine) : reasonToHold(machine, spec, rack);
  const name = held === undefined ? spec?.machines.find((entry) => isMeant(entry, machine))?.name : undefined;
  return {
    apiVersion: 'rackwright.dev/v1alpha1',
    kind: 'Machine',
    ...(name === undefined ? {} : { name }),
    identity: identity.kind === 'uuid' ? identity.uuid : identity.macs.join('+'),
    identityBy: identity.kind,
    ...(identity.kind === 'uuid' ? {} : { identityReason: identity.because }),
    macs: [...machine.macs],
    ...(machine.uuid === undefined ? {} : { uuid: machine.uuid }),
    ...(machine.address === undefined ? {} : { address: machine.address }),
    state: stateOf(machine),
    ...(machine.talos === undefined ? {} : { stage: machine.talos.stage }),
    ...(held === undefined ? {} : { held }),
    conflicts: machine.conflicts?.map(({ mac, others }) => ({ mac, others: [...others] })) ?? [],
    ...(machine.firstSeen === undefined ? {} : { firstSeen: renderTime(machine.firstSeen) }),
    ...(machine.lastSeen === undefined
      ? {}
      : {
          lastSeen: renderTime(machine.lastSeen),
          ageSeconds: Math.max(0, Math.round((now - machine.lastSeen) / 1000)),
        }),
    ...(machine.boot === undefined ? {} : { boot: reportBoot(machine.boot) }),
    ...(reading === undefined ? { unknown: [] } : reportReading(reading.observation, renderTime(reading.at))),
  };
}

function stateOf({ talos, lastReading, boot }: Machine): MachineReport['state'] {
  if (talos !== undefined) return talos.mode;
  if (lastReading !== undefined) return 'silent';
  return boot === undefined ? 'seen' : 'booting';
}

const reportBoot = ({ firmware, offered }: BootSighting) => ({
  firmware,
  ...(offered === undefined ? {} : { offered }),
});

type ReadingPart = Pick<
  MachineReport,
  | 'talos'
  | 'system'
  | 'processors'
  | 'memory'
  | 'firmwareMode'
  | 'secureBoot'
  | 'links'
  | 'disks'
  | 'leftovers'
  | 'unknown'
>;

function reportReading(observation: TalosObservation, readAt: string): ReadingPart {
  const { hardware = {}, links, addresses, disks, leftovers, unknown = [] } = observation;
  const { version, mode, isReady, unmetConditions, fingerprint, systemDisk } = observation;
  const { system, processors, memory, firmwareMode, secureBoot } = hardware;
  return {
    talos: {
      version,
      mode,
      readAt,
      ready: isReady,
      unmetConditions: [...unmetConditions],
      ...(fingerprint === undefined ? {} : { fingerprint }),
      ...(systemDisk === undefined ? {} : { systemDisk }),
    },
    ...(system === undefined ? {} : { system }),
    ...(processors === undefined ? {} : { processors: [...processors] }),
    ...(memory === undefined ? {} : { memory: { totalMiB: memory.totalMiB, modules: [...memory.modules] } }),
    ...(firmwareMode === undefined ? {} : { firmwareMode }),
    ...(secureBoot === undefined ? {} : { secureBoot }),
    links: links.map(({ bond: _, altNames: __, ...link }) => ({
      ...link,
      addresses: addresses.filter((one) => one.link === link.name).map(({ cidr }) => cidr),
    })),
    disks: disks.map(({ sizeBytes, signatures, contents, isUnprobed, layout: _, ...disk }) => ({
      ...disk,
      sizeBytes: sizeBytes.toString(),
      ...(isUnprobed ? {} : { signatures: [...signatures], contents: [...(contents ?? [])] }),
    })),
    // On a machine that runs its install these are no leftovers.
    ...(leftovers === undefined || observation.mode === 'configured' ? {} : { leftovers: [...leftovers] }),
    unknown: [...unknown],
  };
}
