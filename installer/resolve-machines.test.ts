import { describe, expect, it } from 'vitest';
import { type MacAddress, parseMac } from '../core/mac-address.ts';
import { type Machine, machineIdOf } from '../core/machine.ts';
import type { Rack } from '../core/rack.ts';
import type { MachineSpec, RackSpec } from '../core/rack-spec.ts';
import { bootIntent } from './boot-intent.ts';
import { reasonToHold, resolveMachine } from './resolve-machines.ts';

const mac = (last: number): MacAddress => parseMac(`52:54:00:00:00:0${last}`)!;
const uuidOf = (digit: number) => `${String(digit).repeat(8)}-0000-4000-8000-000000000000`;
const entry = (name: string, identity: Partial<MachineSpec>): MachineSpec => ({
  name,
  role: 'worker',
  address: '10.0.0.1',
  disk: { serial: name },
  ...identity,
});
const machine = (last: number, uuid?: string): Machine => ({
  id: machineIdOf(mac(last)),
  macs: [mac(last)],
  ...(uuid === undefined ? {} : { uuid }),
});
const rackOf = (...machines: Machine[]): Rack => ({ machines: new Map(machines.map((one) => [one.id, one])) });
const specOf = (...machines: readonly MachineSpec[]) => ({ machines }) as RackSpec;
const resolve = (wanted: MachineSpec, rack: Rack, ...more: MachineSpec[]) =>
  resolveMachine(wanted, specOf(wanted, ...more), rack);

describe('resolveMachine', () => {
  it('finds a machine by its MAC address, and by its UUID alone', () => {
    const rack = rackOf(machine(1, uuidOf(1)), machine(2, uuidOf(2)));
    expect(resolve(entry('a', { mac: mac(2) }), rack)).toMatchObject({
      kind: 'found',
      machine: { macs: [mac(2)] },
    });
    expect(resolve(entry('a', { uuid: uuidOf(1) }), rack)).toMatchObject({
      kind: 'found',
      machine: { macs: [mac(1)] },
    });
    expect(resolve(entry('a', { mac: mac(3) }), rack)).toEqual({ kind: 'absent' });
  });

  it('does not guess between two machines with one UUID', () => {
    const rack = rackOf(machine(1, uuidOf(7)), machine(2, uuidOf(7)));
    expect(resolve(entry('a', { uuid: uuidOf(7) }), rack)).toMatchObject({ kind: 'held' });
    expect(resolve(entry('a', { uuid: uuidOf(7), mac: mac(2) }), rack)).toMatchObject({ kind: 'found' });
  });

  it('holds a machine that two entries mean', () => {
    const rack = rackOf(machine(1, uuidOf(1)));
    const byMac = entry('a', { mac: mac(1) });
    const byUuid = entry('b', { uuid: uuidOf(1) });
    expect(resolve(byMac, rack, byUuid)).toMatchObject({ kind: 'held', reason: 'the rack file means it with a and b' });
    expect(resolve(byUuid, rack, byMac).kind).toBe('held');
  });

  it('does not take a machine whose UUID contradicts, but one that tells none yet', () => {
    const wanted = entry('a', { uuid: uuidOf(1), mac: mac(1) });
    expect(resolve(wanted, rackOf(machine(1, uuidOf(2)))).kind).toBe('absent');
    expect(resolve(wanted, rackOf(machine(1))).kind).toBe('found');
  });
});

describe('reasonToHold', () => {
  it.each<[string, Machine, MachineSpec[], Machine[], RegExp]>([
    ['a stranger', machine(5), [entry('a', { mac: mac(1) })], [], /not in the rack file/],
    [
      'a board that was swapped',
      machine(1, uuidOf(2)),
      [entry('a', { mac: mac(1), uuid: uuidOf(1) })],
      [],
      /MAC address of a, but its UUID is 2222/,
    ],
    [
      'a machine that two entries mean',
      machine(1, uuidOf(1)),
      [entry('a', { mac: mac(1) }), entry('b', { uuid: uuidOf(1) })],
      [],
      /means it with a and b/,
    ],
    [
      'a machine with the UUID of another',
      machine(1, uuidOf(1)),
      [entry('a', { uuid: uuidOf(1) })],
      [machine(2, uuidOf(1))],
      /52:54:00:00:00:02\) has the same UUID/,
    ],
  ])('holds %s', (_what, held, entries, others, reason) => {
    const rack = rackOf(held, ...others);
    expect(reasonToHold(held, specOf(...entries), rack)).toMatch(reason);
    expect(bootIntent(held, { spec: specOf(...entries), rack, isInstalled: () => false }).kind).toBe('hold');
  });

  it('does not hold the one machine of one entry', () => {
    const known = machine(1, uuidOf(1));
    expect(reasonToHold(known, specOf(entry('a', { mac: mac(1) })), rackOf(known))).toBeUndefined();
  });
});

describe('bootIntent', () => {
  const known = machine(1);
  const around = { spec: specOf(entry('a', { mac: mac(1) })), rack: rackOf(known) };

  it('boots a machine of the rack file until its install is confirmed, then sends it to its disk', () => {
    expect(bootIntent(known, { ...around, isInstalled: () => false })).toEqual({ kind: 'boot', machine: 'a' });
    expect(bootIntent(known, { ...around, isInstalled: (name) => name === 'a' })).toEqual({
      kind: 'local-disk',
      machine: 'a',
    });
  });
});
