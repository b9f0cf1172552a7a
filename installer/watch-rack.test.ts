import { describe, expect, it } from 'vitest';
import type { Event } from '../core/event.ts';
import { inMaintenance } from '../core/in-maintenance.fixture.ts';
import { parseMac } from '../core/mac-address.ts';
import type { Machine, TalosObservation } from '../core/machine.ts';
import { seconds } from '../core/millis.ts';
import { machineWithMac } from '../core/rack.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { subnetScan } from './inventory/scan-subnets.ts';
import { resolveMachine } from './resolve-machines.ts';
import { type RackWatchOptions, watchRack } from './watch-rack.ts';

const mac = (last: number) => parseMac(`52:54:00:00:00:0${last}`)!;
const uuid = (digit: number) => `4c4c4544-0051-3010-8051-${String(digit).repeat(12)}`;
const observation = (last: number, macs: readonly number[] = [last]): TalosObservation => ({
  address: `10.0.0.${last}`,
  ...inMaintenance,
  uuid: uuid(last),
  links: macs.map((one) => ({ name: `eth${one}`, mac: mac(one), isUp: true, isPhysical: true })),
});
const spec = {
  machines: [1, 2].map((last) => ({ name: `m${last}`, mac: mac(last), address: `10.0.1.${last}` })),
} as unknown as RackSpec;

function watching(more: Partial<RackWatchOptions> = {}) {
  const events: Event[] = [];
  const remembered: Machine[] = [];
  const clock = new VirtualClock();
  const watch = watchRack({
    spec,
    clock,
    emit: (event) => events.push(event),
    read: () => Promise.reject(new Error('nobody answers')),
    remember: (machine) => remembered.push(machine),
    ...more,
  });
  return { watch, events, remembered, clock };
}

describe('watchRack', () => {
  it('tells a machine once for each thing that is new of it', () => {
    const { watch, events } = watching();
    for (let time = 0; time < 3; time += 1) watch.observe({ kind: 'talos', observation: observation(1) });
    watch.observe({ kind: 'talos', observation: { ...observation(1), stage: 'installing' } });
    expect(events).toMatchObject([
      { type: 'machine.observed', machine: 'm1', stage: 'maintenance' },
      { type: 'machine.observed', machine: 'm1', stage: 'installing' },
    ]);
  });

  it('holds both machines of a network card that was moved, and frees them when it is clear whose it is', () => {
    const { watch, events } = watching();
    watch.observe({ kind: 'talos', observation: observation(1, [1, 3]) });
    watch.observe({ kind: 'talos', observation: observation(2, [2, 3]) });
    expect(events.slice(1).map(({ type }) => type)).toEqual(['machine.held', 'machine.held']);
    for (const entry of spec.machines) {
      expect(resolveMachine(entry, spec, watch.rack())).toMatchObject({
        kind: 'held',
        reason: expect.stringContaining(mac(3)) as string,
      });
    }
    watch.observe({ kind: 'talos', observation: observation(1, [1]) });
    expect(events.slice(3).map(({ type }) => type)).toEqual(['machine.observed', 'machine.observed']);
    for (const entry of spec.machines) expect(resolveMachine(entry, spec, watch.rack()).kind).toBe('found');
  });

  it('goes on believing what it sees when the clock of this computer is set back', () => {
    const { watch, clock } = watching();
    watch.observe({ kind: 'talos', observation: observation(1) });
    clock.now = () => new Date(0);
    watch.observe({ kind: 'talos', observation: { ...observation(1), stage: 'installing' } });
    expect(machineWithMac(watch.rack(), mac(1))?.talos?.stage).toBe('installing');
  });

  it('does not take what an earlier run knew for what is there now', () => {
    const { watch, events, remembered } = watching();
    const machine = {
      macs: [mac(1)],
      uuid: uuid(1),
      address: '10.0.0.1',
      boot: { firmware: 'uefi-http', offered: 'talos.efi' },
      lastReading: { at: 1, observation: observation(1) },
      firstSeen: 1,
      lastSeen: 2,
    };
    watch.observe({ kind: 'known', at: 2, machine });
    expect([events, remembered]).toEqual([[], []]);
    expect(machineWithMac(watch.rack(), mac(1))).toMatchObject({ address: '10.0.0.1' });
    expect(machineWithMac(watch.rack(), mac(1))).not.toHaveProperty('boot');
  });

  it('looks at the addresses that the operator named, and where a scan finds somebody', async () => {
    const leaving = new AbortController();
    const looked = new Set<string>();
    const clock = new VirtualClock();
    const scan = subnetScan(['10.0.9.1', '10.0.9.2'], {
      clock,
      knock: (address) => (address === '10.0.9.2' ? Promise.resolve() : Promise.reject(new Error('nobody'))),
    });
    const { watch } = watching({
      clock,
      addresses: ['10.0.8.8'],
      scan,
      read: (address) => {
        looked.add(address);
        if (looked.size === 4) leaving.abort();
        return Promise.reject(new Error('it does not say who it is'));
      },
    });
    await watch.scout(seconds(2), leaving.signal);
    expect([...looked].sort()).toEqual(['10.0.1.1', '10.0.1.2', '10.0.8.8', '10.0.9.2']);
  });

  it('looks at every address of a large rack in turn, a few at a time, and at a new one first', async () => {
    const leaving = new AbortController();
    const clock = new VirtualClock();
    const addresses = Array.from({ length: 98 }, (_, index) => `10.0.8.${index + 1}`);
    const looks: { readonly address: string; readonly at: number }[] = [];
    const { watch } = watching({
      clock,
      addresses,
      read: (address) => {
        looks.push({ address, at: clock.monotonic() });
        if (looks.length === 150) {
          watch.observe({ kind: 'address', mac: mac(1), address: '10.0.9.9' });
        }
        if (looks.length === 220) leaving.abort();
        return Promise.reject(new Error('nobody'));
      },
    });
    await watch.scout(seconds(2), leaving.signal);
    expect(new Set(looks.slice(0, 100).map(({ address }) => address)).size).toBe(100);
    const together = Object.values(Object.groupBy(looks, ({ at }) => at)).map((some = []) => some.length);
    expect([Math.max(...together), looks[100]?.at]).toEqual([20, 2000]);
    expect(looks.findIndex(({ address }) => address === '10.0.9.9')).toBe(160);
  });
});
