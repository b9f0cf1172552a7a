import type { z } from 'zod';
import { Fault } from '../core/fault.ts';
import { parseMac } from '../core/mac-address.ts';
import type { Disk, Link, SystemInformation, TalosObservation } from '../core/machine.ts';
import type { CosiResource } from './cosi-resource.ts';
import { contentsOf, leftoversOn, renderContent } from './disk-signatures.ts';
import { hostAndPort, type TalosTarget } from './open-channel.ts';
import { probeCertificate } from './pin-talos.ts';
import { probeTalosMode } from './probe-talos-mode.ts';
import { readHardware, systemOf } from './read-hardware.ts';
import { resourceKinds as kinds, type TypedKind } from './resource-kinds.ts';
import { connectTalos, type TalosClient } from './talos-client.ts';
import { talosConfiguredByOthers, talosGarbled, talosNotSupported, talosUnreachable } from './talos-faults.ts';
import { listTyped, type TypedResource } from './typed-resources.ts';

/** A connection to a machine whose mode is known, over which it is read again and again. */
export interface TalosReading {
  /**
   * Reads it now. `before`, an earlier reading: what cannot change within a boot is taken from it when it is of the same
   * boot. Any fault means that this connection has seen its day: a machine that has changed its mode needs another.
   */
  read(before: TalosObservation | undefined, options: { signal?: AbortSignal }): Promise<TalosObservation>;
  close(): void;
}

/**
 * Reads once what a machine that runs Talos says of itself. Keys are used only when the machine asks for a certificate,
 * so one call serves a machine before and after its installation. What a Talos version does not have is absent.
 * Faults: `talos/unreachable` and its like while it boots; `talos/configured-by-others` when it wants a certificate and
 * there are no keys, `talos/foreign-certificate` when there are but the machine is of another cluster.
 */
export async function observeTalos(
  target: TalosTarget & { signal?: AbortSignal; before?: TalosObservation | undefined },
): Promise<TalosObservation> {
  const { signal, before, ...where } = target;
  const options = signal === undefined ? {} : { signal };
  const reading = await openReading(where, options);
  return reading.read(before, options).finally(() => reading.close());
}

/** Finds out which mode the machine is in, and connects accordingly. Faults as of `observeTalos`. */
export async function openReading(target: TalosTarget, options: { signal?: AbortSignal }): Promise<TalosReading> {
  const { keys, ...where } = target;
  const mode = await probeTalosMode(where, options);
  if (mode === 'configured' && keys === undefined) throw talosConfiguredByOthers({ at: hostAndPort(where) });
  // Nobody vouches for a machine in maintenance mode; but all that is read is of the one that showed this certificate.
  const shown = mode === 'maintenance' ? await probeCertificate(where, options) : undefined;
  const client = connectTalos({
    ...where,
    ...(shown === undefined ? {} : { pinned: shown.pem }),
    ...(mode === 'configured' && keys !== undefined ? { keys } : {}),
  });
  const identity = shown === undefined ? {} : { fingerprint: shown.fingerprint };
  return {
    async read(before, readOptions) {
      try {
        return { address: target.address, mode, ...identity, ...(await readMachine(client, before, readOptions)) };
      } catch (fault) {
        // Between the probe and the reading it took on its config: the next observation sees that.
        if (mode === 'maintenance' && isFault(fault, 'talos/certificate-required')) {
          throw talosUnreachable({ at: hostAndPort(where), call: 'a reading', reason: 'it left maintenance mode' });
        }
        throw fault;
      }
    },
    close: () => client.close(),
  };
}

async function readMachine(
  client: TalosClient,
  before: TalosObservation | undefined,
  options: { signal?: AbortSignal },
): Promise<Omit<TalosObservation, 'address' | 'mode'>> {
  const list = async <Spec extends z.ZodType>(kind: TypedKind<Spec>) => {
    const listed = await listTyped(client, kind, options);
    return listed.kind === 'listed' ? listed.resources.filter(isThere) : [];
  };
  const [information, links, addresses, disks, devices, volumes, systemDisk, status, version] = await Promise.all([
    list(kinds.systemInformations),
    list(kinds.linkStatuses),
    list(kinds.addressStatuses),
    listEvery(client, kinds.disks, options),
    listEvery(client, kinds.blockDevices, options),
    list(kinds.discoveredVolumes),
    list(kinds.systemDisks),
    list(kinds.machineStatuses),
    list(kinds.versions),
  ]);
  const uuid = information[0]?.spec.uuid?.toLowerCase();
  // A board without SMBIOS has no system information; the version is described anew at each boot too.
  const bootMark = information[0]?.created ?? version[0]?.created ?? '';
  const inventory = await inventoryOf(client, { bootMark, before, system: systemOf(information[0]) }, options);
  const installedOn = systemDisk[0]?.spec.diskID;
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
    links: links.flatMap(linkOf),
    addresses: addresses.flatMap(({ spec: { address, linkName } }) =>
      address === undefined || linkName === undefined || linkName === 'lo' ? [] : [{ link: linkName, cidr: address }],
    ),
    disks: real.map(({ resource, contents }) => ({
      ...diskOf(resource),
      signatures: contents?.map((content) => renderContent(resource.id, content)) ?? [],
      ...(contents === undefined ? { isUnprobed: true } : { contents }),
    })),
    ...(installedOn === undefined ? {} : { systemDisk: installedOn }),
    leftovers: real.flatMap(({ resource, contents = [] }) => leftoversOn(resource.id, contents)),
    ...inventory,
  };
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

const isThere = ({ phase }: CosiResource): boolean => phase !== 'tearingDown';

const isFault = (thrown: unknown, code: string): boolean => thrown instanceof Fault && thrown.code === code;

/** All resources of a kind. Fault `talos/garbled` for one that cannot be read: it must not look as if it were not there. */
async function listEvery<Spec extends z.ZodType>(
  client: TalosClient,
  kind: TypedKind<Spec>,
  options: { signal?: AbortSignal },
): Promise<readonly TypedResource<z.output<Spec>>[]> {
  const listed = await listTyped(client, kind, options);
  if (listed.kind === 'not-supported') throw talosNotSupported({ at: client.at, call: 'List', reason: kind.type });
  const [unreadable] = listed.unreadable;
  if (unreadable === undefined) return listed.resources.filter(isThere);
  throw talosGarbled({ at: client.at, call: 'List', reason: `${kind.type} ${unreadable}` });
}

const noMac = parseMac('00:00:00:00:00:00');

/** Talos' own rule for a physical link: Ethernet, and of no software kind. A bond shows its own MAC in `hardwareAddr`. */
function linkOf({ id, spec }: TypedResource<z.output<typeof kinds.linkStatuses.spec>>): Link[] {
  const mac = [spec.permanentAddr, spec.hardwareAddr]
    .map((address) => parseMac(address ?? ''))
    .find((address) => address !== undefined && address !== noMac);
  if (mac === undefined) return [];
  const { linkState, operationalState, speedMbit = 0, driver, busPath, vendor, product, mtu } = spec;
  const duplex = spec.duplex?.toLowerCase();
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
    },
  ];
}

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
