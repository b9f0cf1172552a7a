import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { nodeWorld } from '../../bin/node-world.ts';
import type { Event } from '../../core/event.ts';
import { millis, minutes, seconds } from '../../core/millis.ts';
import { labMachines } from '../../test/lab/lab-scenario.fixture.ts';
import { scaledClock } from '../../test/lab/scaled-clock.ts';
import { type SimRack, startRack } from '../../test/lab/sim-rack.ts';
import type { RackOptions } from '../open-rack.ts';
import { parseRackFile } from '../parse-rack-file.ts';
import { completeRackFile } from './complete-rack-file.ts';

const ports = { dhcp: 24_097, proxyDhcp: 24_197, tftp: 24_297, http: 24_397 };
const speed = 20;

const rackFile = parseRackFile(
  'rack.yaml',
  stringify({
    apiVersion: 'rackwright.dev/v1alpha1',
    kind: 'Rack',
    name: 'lab',
    talos: { version: 'v1.13.9' },
    kubernetes: { version: 'v1.34.1' },
    network: { interface: 'lo', subnet: '127.0.0.0/8', vip: '127.97.2.1' },
    boot: { uki: { amd64: 'uki.efi' }, ports },
    classes: {
      workers: {
        role: 'worker',
        disk: { maxSizeGB: 500 },
        selector: 'machine.disks.exists(d, d.serial.startsWith("node-")) && machine.links.size() == 1',
        count: 2,
        settleMinutes: 2,
        addresses: '127.97.2.50-127.97.2.59',
      },
    },
    machines: [
      {
        name: 'cp-1',
        role: 'controlplane',
        mac: '52:54:00:61:00:10',
        address: '127.97.2.10',
        disk: { serial: 'cp-1-disk-0' },
      },
    ],
    flux: { manifest: 'install.yaml', source: { kind: 'OCIRepository', url: 'oci://registry.example/lab', tag: 'v1' } },
  }),
);

describe('completeRackFile', () => {
  let directory: string;
  let rack: SimRack | undefined;
  let events: Event[];
  const leaving = new AbortController();

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rackwright-classes-'));
    await writeFile(join(directory, 'uki.efi'), Buffer.alloc(40_000, 'x'));
    events = [];
  });

  afterEach(async () => {
    await rack?.close();
    rack = undefined;
    await rm(directory, { recursive: true });
  });

  const options = (): RackOptions => ({
    rackFile,
    directory,
    stateDirectory: directory,
    identityPath: join(directory, 'age.key'),
    cacheDirectory: join(directory, 'cache'),
    command: 'rackwright up rack.yaml',
    resumeCommand: 'rackwright up rack.yaml',
    readOnly: false,
    writer: { fence: () => 1, isCurrent: async () => true, raise: async () => undefined },
    retry: [],
    emit: (event) => events.push(event),
    pause: leaving.signal,
    stop: leaving.signal,
  });
  const world = { ...nodeWorld, clock: scaledClock(nodeWorld.clock, speed) };

  it('boots strangers, reads what they are, and adds those that a class means', { timeout: 60_000 }, async () => {
    const { dhcp: dhcpPort, proxyDhcp: proxyDhcpPort, tftp: tftpPort } = ports;
    rack = await startRack({
      machines: labMachines({ net: 97, controlPlanes: 1, workers: 2 }),
      bootServer: { address: '127.0.0.1', dhcpPort, proxyDhcpPort, tftpPort },
      lan: { dhcpServer: '127.97.0.2', prefixLength: 16 },
      speed,
      seed: 1,
      fluxBringsPodNetwork: true,
    });
    rack.powerOn();
    const complete = await completeRackFile(options(), world, minutes(30));
    if (complete === 'interrupted') throw new Error('it left');
    expect(complete.spec.machines.map(({ name, mac, address, role }) => [name, mac, address, role])).toEqual([
      ['cp-1', '52:54:00:61:00:10', '127.97.2.10', 'controlplane'],
      ['workers-1', '52:54:00:61:00:20', '127.97.2.50', 'worker'],
      ['workers-2', '52:54:00:61:00:21', '127.97.2.51', 'worker'],
    ]);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'step.waiting',
        step: 'choose/workers',
        reason: '0 of its 2 machines are there',
      }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({ reason: '2 machines fit it; they are chosen when no other one comes up within 2m00s' }),
    );
  });

  it('keeps its time also while the classes settle', { timeout: 60_000 }, async () => {
    const { dhcp: dhcpPort, proxyDhcp: proxyDhcpPort, tftp: tftpPort } = ports;
    rack = await startRack({
      machines: labMachines({ net: 97, controlPlanes: 1, workers: 2 }),
      bootServer: { address: '127.0.0.1', dhcpPort, proxyDhcpPort, tftpPort },
      lan: { dhcpServer: '127.97.0.2', prefixLength: 16 },
      speed,
      seed: 1,
      fluxBringsPodNetwork: true,
    });
    rack.powerOn();
    // Time is up in the moment in which they begin to settle.
    let late = 0;
    const clock = { ...world.clock, monotonic: () => millis(world.clock.monotonic() + late) };
    const emit = (event: Event) => {
      if (event.type === 'step.waiting' && event.reason.startsWith('2 machines fit it; they are chosen'))
        late = minutes(30);
    };
    await expect(completeRackFile({ ...options(), emit }, { ...world, clock }, minutes(30))).rejects.toMatchObject({
      code: 'installer/class-unfilled',
      message: expect.stringContaining('2 machines fit it; they are chosen when no other one comes up') as string,
    });
  });

  it('ends by saying what a class waits for when time is up, and leaves when it is told to', async () => {
    await expect(completeRackFile(options(), world, seconds(1))).rejects.toMatchObject({
      code: 'installer/class-unfilled',
      exitCode: 6,
      message: expect.stringContaining('0 of its 2 machines are there') as string,
    });
    leaving.abort();
    expect(await completeRackFile(options(), world, minutes(30))).toBe('interrupted');
  });

  it('waits for nobody without a timeout', async () => {
    const complete = await completeRackFile(options(), world);
    expect(complete === 'interrupted' ? undefined : complete.spec.machines).toHaveLength(1);
  });
});
