import { createServer } from 'node:net';
import { nodeClock } from '../../bin/platform/node-clock.ts';
import type { Clock } from '../../core/ports.ts';
import { ClusterFabric } from './cluster-fabric.ts';
import { runFlux } from './flux-controllers.ts';
import { scaledClock } from './scaled-clock.ts';
import type { RackScenario } from './scenario.ts';
import { seededRandom } from './seeded-random.ts';
import { SimMachine } from './sim-machine.ts';
import type { RackStatistics } from './statistics.ts';

export interface SimRack {
  /** Presses every power button that is not pressed yet. */
  powerOn(): void;
  /** The machine of that name, to switch it on or off alone. */
  machine(name: string): { powerOn(): void; powerOff(): Promise<void> };
  statistics(): RackStatistics;
  /** Ends everything and closes every socket. Rejects when a part of the simulation itself broke. */
  close(): Promise<void>;
}

/**
 * At this speed a machine still waits longer for a lost TFTP packet than a boot server takes to send it again, also one
 * that lives in our own time: RFC 1350 leaves that to the server, and one second is usual.
 */
const fastestPatience = 4;

/**
 * A rack of simulated machines on loopback addresses, all switched off. It meets the installer only on sockets: DHCP,
 * TFTP and HTTP of the boot server, the Talos API on port 50000 of each machine, the Kubernetes API on port 6443 of each
 * control plane and of the VIP. Rejects when another rack holds the addresses. `clock`: of its machines, already at the
 * scenario's speed; this computer's when left out.
 */
export async function startRack(
  scenario: RackScenario,
  clock: Clock = scaledClock(nodeClock, scenario.speed),
): Promise<SimRack> {
  const patientClock = scaledClock(clock, Math.min(1, fastestPatience / scenario.speed));
  const place = await holdPlace(scenario.lan.dhcpServer);
  const end = new AbortController();
  const crashes: unknown[] = [];
  const random = seededRandom(`${scenario.seed}/etcd`);
  const controllers: Promise<void>[] = [];
  const fabric = new ClusterFabric({
    clock,
    random,
    signal: end.signal,
    startControllers: (store, signal) => {
      controllers.push(runFlux(store, { clock, signal }).catch((reason: unknown) => void crashes.push(reason)));
    },
  });
  const machines = scenario.machines.map(
    (machine) => new SimMachine(machine, { scenario, clock, patientClock, fabric }),
  );
  const powerOn = (machine: SimMachine) => machine.powerOn((reason) => crashes.push(reason));

  return {
    powerOn: () => machines.forEach(powerOn),
    machine(name) {
      const found = machines.find((machine) => machine.scenario.name === name);
      if (found === undefined) throw new RangeError(`no machine ${name} in this rack`);
      return { powerOn: () => powerOn(found), powerOff: () => found.powerOff() };
    },
    statistics: () => ({
      machines: new Map(machines.map((machine) => [machine.scenario.name, machine.statistics])),
      bootstraps: fabric.etcd.clusters.length,
      refusedBootstraps: fabric.refusedBootstraps,
      etcdMembers: fabric.etcd.clusters.flatMap((cluster) =>
        [...cluster.members.values()].map(({ id, hostname, isLearner }) => ({
          clusterId: cluster.id.toString(16),
          memberId: id.toString(16),
          hostname,
          isLearner,
        })),
      ),
    }),
    async close() {
      end.abort();
      await Promise.all(machines.map((machine) => machine.powerOff()));
      await Promise.all(controllers);
      await place.close();
      if (crashes.length > 0) throw new AggregateError(crashes, 'the simulated rack broke');
    },
  };
}

/** Takes the rack's addresses for as long as it stands, so that a second rack says so at once instead of half working. */
async function holdPlace(address: string): Promise<{ close(): Promise<void> }> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (reason) => reject(new Error(`a rack stands on ${address} already`, { cause: reason })));
    server.listen(50_000, address, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}
