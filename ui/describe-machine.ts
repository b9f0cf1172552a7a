import type { MachineReport } from '../core/machine-report.ts';
import type { Look } from './look.ts';
import { renderAge, renderMebibytes } from './machine-table.ts';
import { printable } from './printable.ts';
import { renderBytes } from './render-bytes.ts';

/** All that is known of a machine, for people; what is not known is said with the reason. */
export function describeMachine(machine: MachineReport, look: Pick<Look, 'isUtf8'>): string[] {
  return [
    ...identityLines(machine),
    ...hardwareLines(machine),
    ...section('Processors', machine.processors?.map(processorLine)),
    ...section('Memory modules', machine.memory?.modules.map(moduleLine)),
    ...section('Links', machine.links?.map(linkLine)),
    ...section('Disks', machine.disks?.flatMap(diskLines)),
    ...section(
      'Left by an earlier install of Talos',
      machine.leftovers?.map(({ partition, label, mayHold }) => `${label} on ${partition}: may hold ${mayHold}`),
    ),
    ...section(
      'Unknown',
      machine.unknown.map(({ fact, why }) => `${fact}: ${why}`),
    ),
  ].map((line) => printable(line, look));
}

function identityLines(machine: MachineReport): string[] {
  const { name, identity, identityReason, uuid, macs, state, stage, address, held, conflicts, boot, talos } = machine;
  return [
    field('Name', name ?? 'none in a rack file'),
    field('Identity', identity + (identityReason === undefined ? '' : ` (${identityReason})`)),
    field('UUID', uuid),
    field('MAC addresses', macs.join(', ')),
    field('State', stage === undefined || stage === state ? state : `${state}, ${stage}`),
    ...(held === undefined ? [] : [field('Held', held)]),
    ...conflicts.map(({ mac, others }) => field('Conflict', `${mac} is also of ${others.join(', ')}`)),
    field('Address', address),
    field('Last seen', seen(machine)),
    ...(boot === undefined
      ? []
      : [field('Boot', `${boot.firmware}${boot.offered === undefined ? '' : `, was given ${boot.offered}`}`)]),
    ...(talos === undefined
      ? []
      : [
          field('Talos', `${talos.version}, ${talos.mode}, read ${talos.readAt}`),
          ...(talos.fingerprint === undefined ? [] : [field('Fingerprint', talos.fingerprint)]),
          field('Installed on', talos.systemDisk === undefined ? 'no disk' : `/dev/${talos.systemDisk}`),
          ...talos.unmetConditions.map((condition) => field('Not ready', condition)),
        ]),
  ];
}

function hardwareLines({ system, firmwareMode, secureBoot, memory }: MachineReport): string[] {
  return [
    field('Vendor', system?.vendor),
    field('Product', system?.product),
    field('Serial', system?.serial),
    field('Firmware', firmwareMode),
    field('Secure Boot', secureBoot === undefined ? undefined : secureBoot ? 'on' : 'off'),
    field('Memory', memory === undefined ? undefined : renderMebibytes(memory.totalMiB)),
  ];
}

type Item<Key extends 'processors' | 'links' | 'disks'> = NonNullable<MachineReport[Key]>[number];

const processorLine = ({ socket, model, cores, threads, maxSpeedMHz }: Item<'processors'>): string =>
  words([
    socket,
    model ?? 'model unknown',
    cores === undefined ? 'cores unknown' : `${cores} cores`,
    threads === undefined ? undefined : `${threads} threads`,
    maxSpeedMHz === undefined ? undefined : `${maxSpeedMHz} MHz`,
  ]);

const moduleLine = ({
  slot,
  sizeMiB,
  speedMTs,
  vendor,
  serial,
  part,
}: NonNullable<MachineReport['memory']>['modules'][number]) =>
  words([
    slot,
    renderMebibytes(sizeMiB),
    speedMTs === undefined ? undefined : `${speedMTs} MT/s`,
    vendor,
    part,
    serial === undefined ? undefined : `serial ${serial}`,
  ]);

const linkLine = ({
  name,
  mac,
  isUp,
  isPhysical,
  speedMbit,
  duplex,
  driver,
  addresses,
  product,
}: Item<'links'>): string =>
  words([
    name,
    mac,
    isUp ? 'up' : 'down',
    isPhysical ? undefined : 'virtual',
    speedMbit === undefined ? 'speed unknown' : `${speedMbit} Mbit/s`,
    duplex === undefined ? undefined : `${duplex} duplex`,
    driver,
    product,
    ...addresses,
  ]);

function diskLines({
  path,
  sizeBytes,
  transport,
  model,
  serial,
  wwid,
  rotational,
  readOnly,
  signatures,
}: Item<'disks'>): string[] {
  const known = words([
    path,
    renderBytes(Number(sizeBytes)),
    transport,
    rotational ? 'rotational' : undefined,
    readOnly ? 'read-only' : undefined,
    model,
    serial === undefined ? 'no serial' : `serial ${serial}`,
    wwid === undefined ? undefined : `wwid ${wwid}`,
  ]);
  if (signatures === undefined) return [known, '  nobody has read yet what is on it'];
  return [
    known,
    ...(signatures.length === 0 ? ['  blank, as far as Talos can tell'] : signatures.map((one) => `  ${one}`)),
  ];
}

const field = (name: string, value: string | undefined): string => `${`${name}:`.padEnd(16)}${value ?? 'unknown'}`;

const section = (title: string, lines: readonly string[] | undefined): string[] => [
  '',
  `${title}:`,
  ...(lines === undefined ? ['  unknown'] : lines.length === 0 ? ['  none'] : lines.map((line) => `  ${line}`)),
];

const seen = ({ lastSeen, ageSeconds }: MachineReport) =>
  lastSeen === undefined || ageSeconds === undefined ? undefined : `${lastSeen} (${renderAge(ageSeconds)} ago)`;

const words = (parts: readonly (string | undefined)[]): string => parts.filter((part) => part !== undefined).join(' ');
