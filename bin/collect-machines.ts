import type { Command } from 'commander';
import { Fault } from '../core/fault.ts';
import type { MachineListReport } from '../core/machine-report.ts';
import {
  addressesToScan,
  clusterSecrets,
  inventoryIn,
  knockAtTalos,
  openInventory,
  readTalos,
  reportMachines,
  subnetScan,
  takeInventory,
} from '../installer/index.ts';
import { leaveOnInterrupt } from './leave-on-interrupt.ts';
import { type SearchFlags, searching } from './rack-flags.ts';
import { readRackPlace } from './read-rack-place.ts';
import { stateDirectoryOf } from './state-paths.ts';
import type { World } from './world.ts';

export interface CollectFlags extends SearchFlags {
  readonly cached: boolean;
  readonly state?: string;
}

/** The options of a command that looks at machines. */
export const looking = (command: Command): Command =>
  searching(command)
    .option('--cached', 'look at no machine; show what was seen before', false)
    .option('--state <directory>', 'where what was seen is kept');

/** No rack has this name, which is no DNS label: what was seen without a rack file is kept there. */
export const withoutRack = '_machines';

/**
 * Looks at the machines that are known, named or found, keeps what it saw, and tells it. Without a rack file, machines
 * that are configured do not say who they are. While another process works on the rack its inventory is read only.
 */
export async function collectMachines(
  path: string | undefined,
  flags: CollectFlags,
  world: World,
): Promise<MachineListReport> {
  const { clock, files, env } = world;
  const place = path === undefined ? undefined : await readRackPlace(path, flags, world);
  const addresses = addressesToScan({ ranges: flags.scan ?? [], confirmed: flags.confirmScan ?? [] });
  const stateDirectory = place?.stateDirectory ?? flags.state ?? stateDirectoryOf(withoutRack, env);
  const keys = async () => {
    if (place === undefined) return undefined;
    return clusterSecrets({ path: `${stateDirectory}/secrets.age`, ...place, ...world }).keys();
  };
  const leaving = leaveOnInterrupt(world, () => undefined);
  const lock = flags.cached ? undefined : await lockIfFree(stateDirectory, world);
  try {
    const inventory = await openInventory(inventoryIn(stateDirectory), files);
    const knock = { clock, knock: knockAtTalos };
    const { rack, unidentified } = await takeInventory(
      {
        inventory,
        addresses: [...(flags.address ?? []), ...(place?.rackFile.spec.machines.map(({ address }) => address) ?? [])],
        scan: addresses.length === 0 ? undefined : subnetScan(addresses, knock),
        isCached: flags.cached,
        signal: leaving.pause,
      },
      { clock, read: readTalos({ keys }) },
    );
    if (lock !== undefined) await inventory.flush();
    const now = clock.now().getTime();
    const renderTime = (at: number) => new Date(at).toISOString();
    return {
      apiVersion: 'rackwright.dev/v1alpha1',
      kind: 'MachineList',
      items: reportMachines(rack, { spec: place?.rackFile.spec, now, renderTime }),
      unidentified: unidentified.map((one) => ({ ...one })),
    };
  } finally {
    leaving.forget();
    await lock?.release();
  }
}

async function lockIfFree(directory: string, world: World): Promise<{ release(): Promise<void> } | undefined> {
  await world.files.makeDirectory(directory, 0o700);
  try {
    return await world.lock(directory);
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'platform/held-by-another') throw thrown;
    world.err.write(`${thrown.message}; what is seen now is shown and not kept.\n`);
    return undefined;
  }
}
