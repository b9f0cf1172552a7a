import type { z } from 'zod';
import { Fault } from '../core/fault.ts';
import { parseMac } from '../core/mac-address.ts';
import type { Disk, Link, TalosObservation } from '../core/machine.ts';
import type { CosiResource, ResourceKind } from './cosi-resource.ts';
import { signaturesOn } from './disk-signatures.ts';
import { hostAndPort, type TalosTarget } from './open-channel.ts';
import { probeTalosMode } from './probe-talos-mode.ts';
import * as kinds from './resource-kinds.ts';
import { connectTalos, type TalosClient } from './talos-client.ts';
import { talosConfiguredByOthers, talosUnreachable } from './talos-faults.ts';

/**
 * Reads once what a machine that runs Talos says of itself. Keys are used only when the machine asks for a certificate,
 * so one call serves a machine before and after its installation. What a Talos version does not have is absent.
 * Faults: `talos/unreachable` and its like while it boots; `talos/configured-by-others` when it wants a certificate and
 * there are no keys, `talos/foreign-certificate` when there are but the machine is of another cluster.
 */
export async function observeTalos(target: TalosTarget & { signal?: AbortSignal }): Promise<TalosObservation> {
  const { signal, keys, ...where } = target;
  const options = signal === undefined ? {} : { signal };
  const mode = await probeTalosMode(where, options);
  if (mode === 'configured' && keys === undefined) throw talosConfiguredByOthers({ at: hostAndPort(where) });
  const client = connectTalos(mode === 'configured' && keys !== undefined ? { ...where, keys } : where);
  try {
    return { address: target.address, mode, ...(await readMachine(client, options)) };
  } catch (fault) {
    // Between the probe and the reading it took on its config: the next observation sees that.
    if (mode === 'maintenance' && isFault(fault, 'talos/certificate-required')) {
      throw talosUnreachable({ at: hostAndPort(where), call: 'a reading', reason: 'it left maintenance mode' });
    }
    throw fault;
  } finally {
    client.close();
  }
}

async function readMachine(
  client: TalosClient,
  options: { signal?: AbortSignal },
): Promise<Omit<TalosObservation, 'address' | 'mode'>> {
  const list = <Spec extends z.ZodType>(kind: ResourceKind & { spec: Spec }) =>
    ifSupported(async () => read(kind.spec, await client.cosiList(kind, options)));
  const [information, links, addresses, disks, volumes, systemDisk, status, version] = await Promise.all([
    list(kinds.systemInformations),
    list(kinds.linkStatuses),
    list(kinds.addressStatuses),
    list(kinds.disks),
    list(kinds.discoveredVolumes),
    list(kinds.systemDisks),
    list(kinds.machineStatuses),
    list(kinds.versions),
  ]);
  const uuid = information[0]?.spec.uuid?.toLowerCase();
  const installedOn = systemDisk[0]?.spec.diskID;
  const found = volumes.map(({ id, spec }) => ({
    id,
    name: spec.name,
    ...(spec.parent === undefined ? {} : { parent: spec.parent }),
    ...(spec.partition_label === undefined ? {} : { partitionLabel: spec.partition_label }),
  }));
  return {
    stage: status[0]?.spec.stage ?? 'unknown',
    isReady: status[0]?.spec.status.ready ?? false,
    unmetConditions: status[0]?.spec.status.unmetConditions.map(({ name, reason }) => `${name}: ${reason}`) ?? [],
    version: version[0]?.spec.version ?? 'unknown',
    // A board without SMBIOS has no system information; the version is described anew at each boot too.
    bootMark: information[0]?.created ?? version[0]?.created ?? '',
    ...(uuid === undefined ? {} : { uuid }),
    links: links.flatMap(linkOf),
    addresses: addresses.flatMap(({ spec: { address, linkName } }) =>
      address === undefined || linkName === undefined || linkName === 'lo' ? [] : [{ link: linkName, cidr: address }],
    ),
    disks: disks.filter(isDisk).map((disk) => ({ ...diskOf(disk), signatures: signaturesOn(disk.id, found) })),
    ...(installedOn === undefined ? {} : { systemDisk: installedOn }),
  };
}

interface Read<Spec> {
  readonly id: string;
  readonly created: string;
  readonly spec: Spec;
}

const read = <Spec extends z.ZodType>(schema: Spec, resources: readonly CosiResource[]): Read<z.output<Spec>>[] =>
  resources.flatMap(({ id, created, phase, spec }) => {
    const parsed = schema.safeParse(spec);
    return parsed.success && phase !== 'tearingDown' ? [{ id, created, spec: parsed.data }] : [];
  });

const isFault = (thrown: unknown, code: string): boolean => thrown instanceof Fault && thrown.code === code;

/** A resource type that this Talos does not have is no resource of it. */
async function ifSupported<Found>(find: () => Promise<Found[]>): Promise<Found[]> {
  try {
    return await find();
  } catch (fault) {
    if (isFault(fault, 'talos/not-supported')) return [];
    throw fault;
  }
}

const noMac = parseMac('00:00:00:00:00:00');

/** Talos' own rule for a physical link: Ethernet, and of no software kind. A bond shows its own MAC in `hardwareAddr`. */
function linkOf({ id, spec }: Read<z.output<typeof kinds.linkStatuses.spec>>): Link[] {
  const mac = [spec.permanentAddr, spec.hardwareAddr]
    .map((address) => parseMac(address ?? ''))
    .find((address) => address !== undefined && address !== noMac);
  if (mac === undefined) return [];
  const isUp = spec.linkState || spec.operationalState === 'up';
  return [{ name: id, mac, isUp, isPhysical: spec.type === 'ether' && spec.kind === '' }];
}

type DiskResource = Read<z.output<typeof kinds.disks.spec>>;

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
