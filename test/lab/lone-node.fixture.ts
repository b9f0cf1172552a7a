import { connect } from 'node:net';
import { nodeClock } from '../../bin/platform/node-clock.ts';
import { nodeRandom } from '../../bin/platform/node-random.ts';
import { millis } from '../../core/millis.ts';
import { createAdminKeys, renderMachineConfig, type TalosKeys } from '../../talos/index.ts';
import { ClusterFabric } from './cluster-fabric.ts';
import { type LabWish, labMachines, labSecrets, labSpec } from './lab-scenario.fixture.ts';
import { MachineTime } from './machine-time.ts';
import { seededRandom } from './seeded-random.ts';
import { shareTime } from './shared-time.ts';
import { SimDisk } from './sim-disk.ts';
import { runTalos } from './sim-talos.ts';
import { noCounts } from './statistics.ts';
import type { LimitedFault, TalosHost } from './talos-host.ts';
import type { TalosNode } from './talos-node.ts';

/** One control plane without a rack, firmware or boot server: from its kernel on. */
export interface LoneNode {
  readonly address: string;
  readonly keys: TalosKeys;
  /** The boot that runs. */
  readonly node: TalosNode;
  readonly disks: SimDisk[];
  /** A config for it. */
  readonly config: string;
  /** Happens so many times from now on. */
  inflict(fault: LimitedFault, times: number): void;
  /** Resolves with the next boot, when it has begun. */
  nextBoot(): Promise<TalosNode>;
  /** Resolves when the API answers at this address, its own when left out. */
  served(address?: string): Promise<void>;
  close(): Promise<void>;
}

/** Resolves when its API answers. `net` is the second octet of its address, as for a lab. `isInstalled`: from a disk that holds a config. */
export async function startLoneNode(wish: {
  readonly net: number;
  readonly talosVersion: string;
  readonly isInstalled: boolean;
  /** 50 when left out. */
  readonly speed?: number;
  readonly faults?: NonNullable<LabWish['faults']>;
}): Promise<LoneNode> {
  const { talosVersion, isInstalled, speed = 50 } = wish;
  const [machine] = labMachines(wish);
  if (machine === undefined) throw new RangeError('a lab has a control plane');
  const spec = labSpec(wish, [machine]);
  const [own] = spec.machines;
  if (own === undefined) throw new RangeError('a rack file has a machine');
  const secrets = await labSecrets();
  const keys = await createAdminKeys(secrets, { clock: nodeClock, random: nodeRandom });
  const disks = machine.disks.map((disk) => new SimDisk(disk));
  const installDisk = { name: 'nvme0n1', path: '/dev/nvme0n1', sizeBytes: 480_000_000_000n, signatures: [] };
  const config = renderMachineConfig({
    ...{ spec, machine: own, secrets, link: 'eth0' },
    installDisk: { ...installDisk, serial: 'cp-1-disk-0', transport: 'nvme', rotational: false, readOnly: false },
  });
  if (isInstalled) disks[0]?.writeTalos(talosVersion, config);

  const off = new AbortController();
  const shared = shareTime({ speed });
  const time = new MachineTime(
    shared.clock,
    machine.faults.find((fault) => fault.kind === 'clock-skew'),
  );
  const { clock } = time;
  const random = seededRandom(`lone ${talosVersion}`);
  const left = new Map<LimitedFault, number>();
  let booted = Promise.withResolvers<TalosNode>();
  let node: TalosNode | undefined;
  const host: TalosHost = {
    ...{ machine, disks, clock, time, random, prefixLength: 16, fluxBringsPodNetwork: false, counters: noCounts() },
    fabric: new ClusterFabric({ clock, random, signal: off.signal, startControllers: () => undefined }),
    lease: () => Promise.resolve(machine.leasedAddress),
    strikes(fault) {
      const times = left.get(fault) ?? 0;
      left.set(fault, times - 1);
      return times > 0;
    },
  };
  const onBoot = (started: TalosNode) => {
    node = started;
    booted.resolve(started);
    booted = Promise.withResolvers();
  };
  const first = booted.promise;
  const live = async () => {
    let end = await runTalos(host, isInstalled ? 'disk' : 'network', off.signal, onBoot);
    while (end !== 'off' && !off.signal.aborted) {
      end = await runTalos(
        host,
        disks.some(({ install }) => install !== undefined) ? 'disk' : 'network',
        off.signal,
        onBoot,
      );
    }
  };
  const life = live();
  await Promise.race([first, life]);
  const address = isInstalled ? own.address : machine.leasedAddress;
  const served = async (at = address) => {
    while (!(await isServed(at)) && !off.signal.aborted) await nodeClock.sleep(millis(10));
  };
  await served();
  return {
    ...{ keys, disks, config, address },
    get node() {
      if (node === undefined) throw new Error('it never booted');
      return node;
    },
    inflict: (fault, times) => void left.set(fault, times),
    nextBoot: () => booted.promise,
    served,
    async close() {
      off.abort();
      await life;
      await shared.close();
    },
  };
}

const isServed = (host: string) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host, port: 50_000 }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
