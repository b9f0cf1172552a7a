import type { z } from 'zod';
import { parseMac } from '../core/mac-address.ts';
import type { Disk, Link, SystemInformation, TalosObservation } from '../core/machine.ts';
import { layoutOf } from './disk-layout.ts';
import { contentsOf, leftoversOn, renderContent } from './disk-signatures.ts';
import { readHardware, systemOf } from './read-hardware.ts';
import { resourceKinds as kinds, type TypedKind } from './resource-kinds.ts';
import type { TalosClient } from './talos-client.ts';
import { talosGarbled, talosNotSupported } from './talos-faults.ts';
import { isPresent, listPresent, listTyped, type TypedResource } from './typed-resources.ts';

/**
 * What a machine says of itself now, by its resources. `before`, an earlier reading: what cannot change within a boot is
 * taken from it when it is of the same boot. What this Talos does not have is absent; a disk, a block device or an
 * installation that cannot be read is the fault `talos/garbled`.
 */
export async function readMachine(
  client: TalosClient,
  before: TalosObservation | undefined,
  options: { signal?: AbortSignal },
): Promise<Omit<TalosObservation, 'address' | 'mode'>> {
  const list = async <Spec extends z.ZodType>(kind: TypedKind<Spec>) =>
    (await listPresent(client, kind, options)) ?? [];
  const [information, links, addresses, disks, devices, volumes, systemDisk, status, version] = await Promise.all([
    list(kinds.systemInformations),
    list(kinds.linkStatuses),
    list(kinds.addressStatuses),
    listEvery(client, kinds.disks, options),
    listEvery(client, kinds.blockDevices, options),
    list(kinds.discoveredVolumes),
    readAll(client, kinds.systemDisks, options),
    list(kinds.machineStatuses),
    list(kinds.versions),
  ]);
  const uuid = information[0]?.spec.uuid?.toLowerCase();
  // A board without SMBIOS has no system information; the version is described anew at each boot too.
  const bootMark = information[0]?.created ?? version[0]?.created ?? '';
  const inventory = await inventoryOf(client, { bootMark, before, system: systemOf(information[0]) }, options);
  const installedOn = systemDisk?.[0]?.spec.diskID;
  const found = volumes.map(({ id, spec }) => ({
    id,
    name: spec.name,
    ...(spec.parent === undefined ? {} : { parent: spec.parent }),
    ...(spec.partition_label === undefined ? {} : { partitionLabel: spec.partition_label }),
  }));
  const held = devices.map(({ id, spec: { parent, secondaries } }) => ({
    id,
    secondaries,
    ...(parent === undefined || parent === '' ? {} : { parent }),
  }));
  const real = disks.filter(isDisk).map((resource) => ({ resource, contents: contentsOf(resource.id, found, held) }));
  return {
    stage: status[0]?.spec.stage ?? 'unknown',
    isReady: status[0]?.spec.status.ready ?? false,
    unmetConditions: status[0]?.spec.status.unmetConditions.map(({ name, reason }) => `${name}: ${reason}`) ?? [],
    version: version[0]?.spec.version ?? 'unknown',
    bootMark,
    ...(uuid === undefined ? {} : { uuid }),
    links: links.flatMap((link) => linkOf(link, links)),
    addresses: addresses.flatMap(({ spec: { address, linkName } }) =>
      address === undefined || linkName === undefined || linkName === 'lo' ? [] : [{ link: linkName, cidr: address }],
    ),
    disks: real.map(({ resource, contents }) => ({
      ...diskOf(resource),
      signatures: contents?.map((content) => renderContent(resource.id, content)) ?? [],
      ...(contents === undefined ? { isUnprobed: true } : { contents }),
      ...layoutOn(resource.id, volumes),
    })),
    ...(installedOn === undefined ? {} : { systemDisk: installedOn }),
    leftovers: real.flatMap(({ resource, contents = [] }) => leftoversOn(resource.id, contents)),
    ...inventory,
  };
}

/** Absent where nothing was recognised. */
function layoutOn(disk: string, volumes: Parameters<typeof layoutOf>[1]): Pick<Disk, 'layout'> {
  const layout = layoutOf(disk, volumes);
  return layout.length === 0 ? {} : { layout };
}

/** What does not change within a boot, read once of each. */
async function inventoryOf(
  client: TalosClient,
  {
    bootMark,
    before,
    system,
  }: { bootMark: string; before: TalosObservation | undefined; system: SystemInformation | undefined },
  options: { signal?: AbortSignal },
): Promise<Pick<TalosObservation, 'hardware' | 'image' | 'unknown'>> {
  if (before?.hardware !== undefined && bootMark !== '' && before.bootMark === bootMark) {
    const { hardware, image, unknown = [] } = before;
    if (!unknown.some(({ mayPass }) => mayPass))
      return { hardware, ...(image === undefined ? {} : { image }), unknown };
  }
  return readHardware(client, system, options);
}

/** As `readAll`, of a kind that every Talos has. Fault `talos/not-supported`. */
async function listEvery<Spec extends z.ZodType>(
  client: TalosClient,
  kind: TypedKind<Spec>,
  options: { signal?: AbortSignal },
): Promise<readonly TypedResource<z.output<Spec>>[]> {
  const all = await readAll(client, kind, options);
  if (all === undefined) throw talosNotSupported({ at: client.at, call: 'List', reason: kind.type });
  return all;
}

/**
 * All resources of a kind; `undefined` when this Talos has no such kind. Fault `talos/garbled` for one that cannot be
 * read: it must not look as if it were not there.
 */
async function readAll<Spec extends z.ZodType>(
  client: TalosClient,
  kind: TypedKind<Spec>,
  options: { signal?: AbortSignal },
): Promise<readonly TypedResource<z.output<Spec>>[] | undefined> {
  const listed = await listTyped(client, kind, options);
  if (listed.kind === 'not-supported') return undefined;
  const [unreadable] = listed.unreadable;
  if (unreadable === undefined) return listed.resources.filter(isPresent);
  throw talosGarbled({ at: client.at, call: 'List', reason: `${kind.type} ${unreadable}` });
}

const noMac = parseMac('00:00:00:00:00:00');

type LinkResource = TypedResource<z.output<typeof kinds.linkStatuses.spec>>;

/** Talos' own rule for a physical link: Ethernet, and of no software kind. A bond shows its own MAC in `hardwareAddr`. */
function linkOf({ id, spec }: LinkResource, all: readonly LinkResource[]): Link[] {
  const mac = [spec.permanentAddr, spec.hardwareAddr]
    .map((address) => parseMac(address ?? ''))
    .find((address) => address !== undefined && address !== noMac);
  if (mac === undefined) return [];
  const { linkState, operationalState, speedMbit = 0, driver, busPath, vendor, product, mtu } = spec;
  const duplex = spec.duplex?.toLowerCase();
  const altNames = [...(spec.alias === undefined ? [] : [spec.alias]), ...spec.altNames];
  // The kernel says -1 for an unknown speed, in 32 bits without a sign.
  const hasSpeed = speedMbit > 0 && speedMbit < 0x7fffffff;
  return [
    {
      name: id,
      mac,
      isUp: linkState || operationalState === 'up',
      isPhysical: spec.type === 'ether' && spec.kind === '',
      ...(hasSpeed ? { speedMbit } : {}),
      // Without a speed it is what Go writes for nothing: Half.
      ...(hasSpeed && (duplex === 'full' || duplex === 'half') ? { duplex } : {}),
      ...(driver === undefined ? {} : { driver }),
      ...(busPath === undefined ? {} : { busPath }),
      ...(vendor === undefined ? {} : { vendor }),
      ...(product === undefined ? {} : { product }),
      ...(mtu === 0 ? {} : { mtu }),
      ...(altNames.length === 0 ? {} : { altNames }),
      // Every link has the keys of a bond, with nothing in them.
      ...(spec.kind === 'bond' && spec.bondMaster?.mode !== undefined
        ? { bond: { mode: spec.bondMaster.mode, ports: portsOf(spec.index, all) } }
        : {}),
    },
  ];
}

const portsOf = (bond: number, all: readonly LinkResource[]): readonly string[] =>
  all.flatMap(({ id, spec }) => (bond !== 0 && spec.masterIndex === bond ? [id] : [])).toSorted();

type DiskResource = TypedResource<z.output<typeof kinds.disks.spec>>;

/** Leaves out optical drives, and what only looks like a disk: loop devices, device mapper, RAM. */
const isDisk = ({ id, spec }: DiskResource): boolean => !spec.cdrom && !/^(loop|dm-|zram|ram|sr)\d/.test(id);

function diskOf({ id, spec }: DiskResource): Omit<Disk, 'signatures'> {
  const { dev_path: path = `/dev/${id}`, size, model, serial, wwid, transport, rotational, readonly } = spec;
  return {
    name: id,
    path,
    sizeBytes: BigInt(size),
    ...(model === undefined ? {} : { model }),
    ...(serial === undefined ? {} : { serial }),
    ...(wwid === undefined ? {} : { wwid }),
    ...(transport === undefined ? {} : { transport }),
    rotational,
    readOnly: readonly,
  };
}
