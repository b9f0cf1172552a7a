import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeClock } from '../../bin/platform/node-clock.ts';
import { nodeFiles } from '../../bin/platform/node-files.ts';
import { nodeNetwork } from '../../bin/platform/node-network.ts';
import { nodeRandom } from '../../bin/platform/node-random.ts';
import type { Event } from '../../core/event.ts';
import { seconds } from '../../core/millis.ts';
import { type BootIntent, type BootService, serveBoots } from '../../pxe/index.ts';
import {
  connectTalos,
  createAdminKeys,
  renderMachineConfig,
  type TalosClient,
  type TalosKeys,
} from '../../talos/index.ts';
import { observeTalos } from '../../talos/testing/observe-talos.ts';
import { type LabWish, labMachines, labSecrets, labSpec } from './lab-scenario.fixture.ts';
import type { RackScenario } from './scenario.ts';
import { shareTime } from './shared-time.ts';
import { type SimRack, startRack } from './sim-rack.ts';

/** A small rack beside a real boot server, switched off; `cp-1` … and `node-1` …, each with a system and a data disk. */
export interface Lab {
  readonly rack: SimRack;
  readonly boots: BootService;
  readonly events: readonly Event[];
  readonly keys: TalosKeys;
  leased(name: string): string;
  address(name: string): string;
  /** What the boot server is to do with a machine; it boots everybody at first. */
  decide(name: string, intent: BootIntent['kind']): void;
  config(name: string): Promise<string>;
  /** Gives the machine its config once it is in maintenance mode. */
  install(name: string): Promise<void>;
  client(address: string, keys?: TalosKeys): TalosClient;
  /** Asks once a second of the rack's time until there is an answer; the last error when there is none in some minutes. */
  eventually<T>(ask: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** How many times as fast as ours the time of the rack may go; the boot server lives in ours. */
const speed = 50;

export async function startLab(wish: LabWish): Promise<Lab> {
  const directory = await mkdtemp(join(tmpdir(), 'rackwright-lab-'));
  const uki = join(directory, 'uki.efi');
  await writeFile(uki, Buffer.alloc(40_000, 'x'));
  const machines = labMachines(wish);
  const spec = labSpec(wish, machines);
  const secrets = await labSecrets();
  const keys = await createAdminKeys(secrets, { clock: nodeClock, random: nodeRandom });
  const intents = new Map<string, BootIntent['kind']>();
  const events: Event[] = [];
  const serverAddress = `127.${wish.net}.0.1`;
  const boots = await serveBoots({
    network: nodeNetwork,
    files: nodeFiles,
    clock: nodeClock,
    emit: (event) => events.push(event),
    observe: () => undefined,
    interfaces: [{ name: 'lo', address: serverAddress }],
    ports: { dhcp: 0, proxyDhcp: 0, tftp: 0, http: 0 },
    ukis: { amd64: uki },
    intentOf: ({ mac }) => {
      const name = machines.find((one) => one.mac === mac)?.name ?? '';
      const kind = intents.get(name) ?? 'boot';
      return kind === 'hold' ? { kind, reason: 'told so' } : { kind, machine: name };
    },
  });
  const cleanUp = async () => {
    await boots.close();
    await rm(directory, { recursive: true });
  };
  const time = shareTime({ speed });
  const scenario: RackScenario = {
    machines,
    bootServer: {
      address: serverAddress,
      dhcpPort: boots.ports.dhcp,
      proxyDhcpPort: boots.ports.proxyDhcp,
      tftpPort: boots.ports.tftp,
    },
    lan: { dhcpServer: `127.${wish.net}.0.2`, prefixLength: 16 },
    speed,
    seed: 1,
    fluxBringsPodNetwork: true,
  };
  const rack = await startRack(scenario, time.clock).catch(async (reason: unknown) => {
    await time.close();
    await cleanUp();
    throw reason;
  });
  const clients: TalosClient[] = [];
  const client = (address: string, withKeys?: TalosKeys) => {
    const made = connectTalos(withKeys === undefined ? { address } : { address, keys: withKeys });
    clients.push(made);
    return made;
  };
  const named = <T extends { name: string }>(list: readonly T[], name: string): T =>
    list.find((one) => one.name === name)!;
  const eventually: Lab['eventually'] = async (ask) => {
    for (let left = 200; ; left -= 1) {
      try {
        return await ask();
      } catch (reason) {
        if (left === 0) throw reason;
        await time.clock.sleep(seconds(1));
      }
    }
  };
  const lab: Lab = {
    rack,
    boots,
    events,
    keys,
    leased: (name) => named(machines, name).leasedAddress,
    address: (name) => named(spec.machines, name).address,
    decide: (name, intent) => intents.set(name, intent),
    async config(name) {
      const { disks } = await eventually(() => observeTalos({ address: lab.leased(name) }));
      const installDisk = disks.find((disk) => disk.name === 'nvme0n1')!;
      return renderMachineConfig({ spec, machine: named(spec.machines, name), secrets, installDisk, link: 'eth0' });
    },
    async install(name) {
      const config = await lab.config(name);
      await client(lab.leased(name)).applyConfiguration({ config, mode: 'AUTO' });
    },
    client,
    eventually,
    async close() {
      for (const one of clients) one.close();
      await rack.close();
      await time.close();
      await cleanUp();
    },
  };
  return lab;
}
