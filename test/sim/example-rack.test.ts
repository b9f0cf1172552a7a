import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeWorld } from '../../bin/node-world.ts';
import { runCli } from '../../bin/run-cli.ts';
import type { StampedEvent } from '../../core/event.ts';
import { parseMac } from '../../core/mac-address.ts';
import type { DiskScenario, MachineScenario, RackScenario } from '../lab/scenario.ts';
import { shareTime } from '../lab/shared-time.ts';
import { type SimRack, startRack } from '../lab/sim-rack.ts';

const speed = 10;
const gigabyte = 10n ** 9n;

/** The example as it is shipped, on loopback: only where its machines and this computer are is another place. */
const onLoopback = (text: string) =>
  text
    .replaceAll('10.20.0.', '127.106.210.')
    .replace('subnet: 127.106.210.0/24', 'subnet: 127.0.0.0/8')
    .replace('interface: eth1', 'interface: lo')
    .replace(
      'ports: { dhcp: 67, proxyDhcp: 4011, tftp: 69, http: 8080 }',
      'ports: { dhcp: 20306, proxyDhcp: 21306, tftp: 22306, http: 23306 }',
    );

const disk = (wish: Partial<DiskScenario> & Pick<DiskScenario, 'name'>): DiskScenario => ({
  path: `/dev/${wish.name}`,
  model: 'SAMSUNG MZ1L2480HCHR-00A07',
  sizeBytes: 480n * gigabyte,
  transport: 'nvme',
  rotational: false,
  signatures: [],
  ...wish,
});

/** The three servers that the example means, each with a second disk that its selector must not fit. */
function serverOf(index: number, bootDisk: DiskScenario): MachineScenario {
  const mac = parseMac(`3c:ec:ef:6a:10:0${index}`);
  if (mac === undefined) throw new RangeError('that is no MAC address');
  return {
    name: `cp-${index}`,
    mac,
    uuid: `4c4c4544-0042-3510-8052-b4c04f59313${index}`,
    leasedAddress: `127.106.211.${10 + index}`,
    link: 'enp1s0f0',
    disks: [bootDisk, disk({ name: 'nvme1n1', serial: `S64GNE0T90000${index}`, sizeBytes: 3_840n * gigabyte })],
    firmware: index === 2 ? { transport: 'tftp', architecture: 7 } : { transport: 'http', architecture: 16 },
    talosVersion: 'v1.13.9',
    faults: [],
  };
}

describe('the rack file of examples/three-nodes', () => {
  let folder: string;
  let rack: SimRack;
  /** Of the command and of the rack, both in this process. */
  const time = shareTime({ speed });
  const run = async (...argv: string[]) => {
    let told = '';
    const out = new Writable({
      write: (chunk: Buffer, _, done) => {
        told += chunk.toString();
        done();
      },
    });
    const exitCode = await runCli(argv, {
      ...nodeWorld,
      host: { ...nodeWorld.host, isClockSynchronized: async () => true },
      clock: time.clock,
      env: { HOME: folder },
      workingDirectory: folder,
      out,
    });
    const lines = told.split('\n').filter((line) => line !== '');
    return { exitCode, events: lines.map((line) => JSON.parse(line) as StampedEvent) };
  };
  /** No name server is there: what the check says of that is overridden, by its id. */
  const up = () =>
    run(...['up', 'rack.yaml', '--yes', '-o', 'json'], ...['--override', 'dns=there is no name server on loopback']);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rackwright-example-'));
    const shipped = await readFile('examples/three-nodes/rack.yaml', 'utf8');
    await writeFile(join(folder, 'rack.yaml'), onLoopback(shipped));
    await writeFile(join(folder, 'metal-amd64-uki.efi'), Buffer.alloc(200_000, 'UKI'));
    await copyFile('test/lab/flux-install.yaml', join(folder, 'flux-install.yaml'));
    const scenario: RackScenario = {
      machines: [
        serverOf(1, disk({ name: 'nvme0n1', serial: 'S64FNX0R900001' })),
        serverOf(2, disk({ name: 'nvme0n1', serial: 'S64FNX0R900002', wwid: 'eui.36344630529000020025384500000001' })),
        serverOf(3, disk({ name: 'nvme0n1', serial: 'S64FNX0R900003' })),
      ],
      bootServer: { address: '127.0.0.1', dhcpPort: 20_306, proxyDhcpPort: 21_306, tftpPort: 22_306 },
      lan: { dhcpServer: '127.106.211.1', prefixLength: 16 },
      speed,
      seed: 5,
      fluxBringsPodNetwork: true,
    };
    rack = await startRack(scenario, time.clock);
    rack.powerOn();
  });
  afterAll(async () => {
    await rack.close();
    await time.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('brings its three servers from their network boot to a cluster that Flux takes over', async () => {
    const { exitCode, events } = await up();
    const last = events.at(-1);
    expect([exitCode, last?.type === 'run.finished' ? last.fault : last]).toEqual([0, undefined]);
    const { machines, bootstraps, etcdMembers } = rack.statistics();
    expect(bootstraps).toBe(1);
    expect(etcdMembers.map(({ hostname, isLearner }) => [hostname, isLearner]).sort()).toEqual([
      ['cp-1', false],
      ['cp-2', false],
      ['cp-3', false],
    ]);
    for (const [name, { wipes, appliedConfigs }] of machines) {
      const index = name.at(-1) ?? '';
      expect([Object.fromEntries(wipes), appliedConfigs]).toEqual([
        { [`S64FNX0R90000${index}`]: 1, [`S64GNE0T90000${index}`]: 0 },
        1,
      ]);
    }
  });

  it('has nothing left to do when the same command runs again', async () => {
    const { exitCode, events } = await up();
    expect(exitCode).toBe(0);
    expect(events.filter(({ type }) => type === 'step.started')).toEqual([]);
    expect(rack.statistics().bootstraps).toBe(1);
  });
});
