import type { Clock } from '../../core/ports.ts';
import type { ClusterFabric } from './cluster-fabric.ts';
import { plugIn } from './lan-relay.ts';
import { MachineTime } from './machine-time.ts';
import { pace } from './pace.ts';
import { scaledClock } from './scaled-clock.ts';
import type { MachineFault, MachineScenario, RackScenario } from './scenario.ts';
import { seededRandom } from './seeded-random.ts';
import { SimDisk } from './sim-disk.ts';
import { bootFromNetwork, type FirmwareWorld } from './sim-firmware.ts';
import { runTalos } from './sim-talos.ts';
import { type MachineStatistics, noCounts } from './statistics.ts';
import { aborted, stillOnAfter } from './still-on.ts';
import { leaseAddress } from './talos-dhcp.ts';
import { type LimitedFault, limitedFaults, type TalosHost } from './talos-host.ts';

interface RackOfMachine {
  readonly scenario: RackScenario;
  readonly clock: Clock;
  /** For waits on the boot server, which lives at its own pace. */
  readonly patientClock: Clock;
  readonly fabric: ClusterFabric;
}

/** One machine of the rack: power, firmware, disks, and the Talos that runs on it. Its disks outlive its power. */
export class SimMachine {
  readonly scenario: MachineScenario;
  readonly disks: readonly SimDisk[];
  readonly #counters = noCounts();
  readonly #rack: RackOfMachine;
  readonly #host: TalosHost;
  #power: { readonly off: AbortController; readonly life: Promise<unknown> } | undefined;

  constructor(scenario: MachineScenario, rack: RackOfMachine) {
    this.scenario = scenario;
    this.disks = scenario.disks.map((disk) => new SimDisk(disk));
    this.#rack = rack;
    this.#host = this.#asHost();
  }

  get statistics(): MachineStatistics {
    const wipes = this.disks.map(({ hardware, wipes }) => [hardware.serial ?? hardware.path, wipes] as const);
    return { ...this.#counters, wipes: new Map(wipes) };
  }

  powerOn(onCrash: (reason: unknown) => void): void {
    if (this.#power !== undefined) return;
    const off = new AbortController();
    this.#counters.powerOns += 1;
    const life = this.#fault('dead') === undefined ? this.#live(off.signal).catch(onCrash) : aborted(off.signal);
    const power = { off, life };
    this.#power = power;
    // A machine that was shut down can be switched on again.
    void life.then(() => {
      if (this.#power === power) this.#power = undefined;
    });
  }

  /** Resolves when everything that ran on it has ended and its sockets are closed. */
  async powerOff(): Promise<void> {
    const power = this.#power;
    power?.off.abort();
    await power?.life;
    this.#power = undefined;
  }

  /** Boot order: network, then the disk, then from the beginning. */
  async #live(signal: AbortSignal): Promise<void> {
    const host = this.#host;
    const world = this.#worldFor(host, signal);
    while (await stillOnAfter(host.random.around(pace.powerOnSelfTest), host.clock, signal)) {
      const isFetched = await bootFromNetwork(world);
      if (isFetched) this.#counters.networkBoots += 1;
      else if (!this.disks.some((disk) => disk.install !== undefined && disk.isBootable)) continue;
      let end = await runTalos(host, isFetched ? 'network' : 'disk', signal);
      while (end === 'kexec') end = await runTalos(host, 'disk', signal);
      if (end === 'off') return;
    }
  }

  #asHost(): TalosHost {
    const { scenario, clock, fabric } = this.#rack;
    const random = seededRandom(`${scenario.seed}/${this.scenario.name}`);
    const left = Object.fromEntries(limitedFaults.map((kind) => [kind, this.#fault(kind)?.times ?? 0])) as Record<
      LimitedFault,
      number
    >;
    const time = new MachineTime(this.#slowed(clock), this.#fault('clock-skew'));
    const host: TalosHost = {
      machine: this.scenario,
      disks: this.disks,
      prefixLength: scenario.lan.prefixLength,
      fluxBringsPodNetwork: scenario.fluxBringsPodNetwork,
      clock: time.clock,
      time,
      random,
      fabric,
      counters: this.#counters,
      lease: (signal) => leaseAddress(this.#worldFor(host, signal)),
      strikes: (fault) => left[fault]-- > 0,
    };
    return host;
  }

  #worldFor(host: TalosHost, signal: AbortSignal): FirmwareWorld {
    const patientClock = this.#slowed(this.#rack.patientClock);
    const { machine, random, clock } = host;
    return { machine, random, clock, patientClock, signal, plug: (onDhcp) => this.#plug(host, onDhcp) };
  }

  #slowed(clock: Clock): Clock {
    return scaledClock(clock, 1 / (this.#fault('slow')?.factor ?? 1));
  }

  #plug({ random, machine }: TalosHost, onDhcp: Parameters<FirmwareWorld['plug']>[0]) {
    const { bootServer, lan } = this.#rack.scenario;
    const rate = this.#fault('lossy')?.rate ?? 0;
    return plugIn({
      mac: machine.mac,
      leasedAddress: machine.leasedAddress,
      lan,
      bootServer,
      loses: () => rate > 0 && random.fraction() < rate,
      onDhcp,
    });
  }

  #fault<Kind extends MachineFault['kind']>(kind: Kind) {
    return this.scenario.faults.find((fault): fault is MachineFault & { kind: Kind } => fault.kind === kind);
  }
}
